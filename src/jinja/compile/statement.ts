import { callIn } from '../calling.ts';
import type { Body, Expression, Statement } from '../syntax/nodes.ts';
import { endOf, startOf } from '../syntax/nodes.ts';
import { Markup } from '../values/containers.ts';
import { escapeHtml } from '../values/html.ts';
import { TemplateError } from '../values/template-error.ts';
import { textOf } from '../values/text.ts';
import { compileArguments } from './arguments.ts';
import { compileTarget, storeName } from './assign.ts';
import { spanIn, type Unit } from './compiler.ts';
import { compileCondition, compileExpression, compileFilter } from './expression.ts';
import { BREAK, CONTINUE, type Evaluate, type Execute, Frame, NEXT, RETURN, type Signal } from './frame.ts';
import { compileLoop } from './loop.ts';
import { compileMacro, Macro } from './macro.ts';
import { AUTOESCAPE, compileEscaping } from './name.ts';
import { assignedIn, boundBy, Names } from './names.ts';
import { compileTemplateTag } from './template-tags.ts';

/** A closure that runs statements one after the other. */
export function compileBody(body: Body, names: Names, unit: Unit): Execute {
  const statements = body.map((statement) => compileStatement(statement, names, unit));
  const [only] = statements;
  if (statements.length === 1 && only !== undefined) return only;
  return (frame) => {
    for (const statement of statements) {
      const signal = statement(frame);
      if (signal !== NEXT) return signal;
    }
    return NEXT;
  };
}

function compileStatement(node: Statement, names: Names, unit: Unit): Execute {
  switch (node.typename) {
    case 'Data': {
      const { text } = node;
      return (frame) => {
        frame.run.out += text;
        return NEXT;
      };
    }
    case 'Print':
      return compileReturn(node.value, names, unit) ?? compilePrint(node.value, names, unit);
    case 'Do': {
      const value = compileExpression(node.value, names, unit);
      return (
        compileReturn(node.value, names, unit) ??
        ((frame) => {
          value(frame);
          return NEXT;
        })
      );
    }
    case 'Branch':
      return compileBranch(node, names, unit);
    case 'Loop':
      return compileLoop(node, names, unit, compileExpression, compileBody);
    case 'Assign': {
      const value = compileExpression(node.value, names, unit);
      const store = compileTarget(node.target, names, unit);
      return (frame) => {
        store(frame, value(frame));
        return NEXT;
      };
    }
    case 'AssignBlock':
      return compileAssignBlock(node, names, unit);
    case 'With':
      return compileWith(node, names, unit);
    case 'FilterBlock':
      return compileFilterBlock(node, names, unit);
    case 'Autoescape':
      return compileAutoescape(node, names, unit);
    case 'MacroBlock': {
      if (node.kind !== 'macro') return () => NEXT;
      const code = compileMacro(node, names, unit, compileBody, compileExpression);
      const store = storeName(node.name, names);
      return (frame) => {
        store(frame, new Macro(() => code, { frame }, node.name));
        return NEXT;
      };
    }
    case 'CallBlock':
      return compileCallBlock(node, names, unit);
    case 'Docs':
      return () => NEXT;
    case 'Break':
      return () => BREAK;
    case 'Continue':
      return () => CONTINUE;
    default:
      return compileTemplateTag(node, names, unit, compileBody);
  }
}

function compilePrint(node: Expression, names: Names, unit: Unit): Execute {
  const value = compileExpression(node, names, unit);
  const at = spanIn(unit, startOf(node), endOf(node));
  const escapes = compileEscaping(names, unit);
  return (frame) => {
    const printed = value(frame);
    const { run } = frame;
    run.at = at;
    if (escapes !== false && escapes(frame)) run.out += escapeHtml(printed);
    else run.out += typeof printed === 'string' ? printed : textOf(printed);
    if (run.out.length > run.maxOutput) run.tooLong();
    return NEXT;
  };
}

/** `{{ return(x) }}` and `{% do return(x) %}` leave the macro without an exception, which dbt's packages do all the time. */
function compileReturn(node: Expression, names: Names, unit: Unit): Execute | undefined {
  if (node.typename !== 'Call' || node.callee.typename !== 'Name' || node.callee.name !== 'return') return undefined;
  const [value, ...more] = node.arguments.positional;
  const { named, star, starStar } = node.arguments;
  if (value === undefined || more.length + named.length > 0 || star !== undefined || starStar !== undefined)
    return undefined;
  const answer = compileExpression(value, names, unit);
  const at = spanIn(unit, node.start, node.end);
  return (frame) => {
    frame.run.returned = answer(frame);
    frame.run.at = at;
    return RETURN;
  };
}

function compileBranch(node: Statement & { typename: 'Branch' }, names: Names, unit: Unit): Execute {
  const branches = node.branches.map(({ condition, body }) => ({
    test: compileCondition(condition, names, unit),
    body: compileBody(body, names, unit),
  }));
  const otherwise = compileBody(node.otherwise, names, unit);
  return (frame) => {
    for (const { test, body } of branches) if (test(frame)) return body(frame);
    return otherwise(frame);
  };
}

/** Runs a body and answers what it printed instead of printing it. A signal that leaves the body is handed on. */
function captured(body: Execute, frame: Frame): { readonly signal: Signal; readonly text: string } {
  const { run } = frame;
  const { out } = run;
  run.out = '';
  const signal = body(frame);
  const text = run.out;
  run.out = out;
  return { signal, text };
}

function compileAssignBlock(node: Statement & { typename: 'AssignBlock' }, outer: Names, unit: Unit): Execute {
  const names = new Names(outer, assignedIn(node.body));
  const body = compileBody(node.body, names, unit);
  const store = compileTarget(node.target, outer, unit);
  const text = capturedText(names, unit);
  const value = filtered(node.filter, names, unit, text.read);
  return (frame) => {
    const inner = new Frame(frame.run, frame.context, frame, names.size + 1);
    const printed = captured(body, inner);
    if (printed.signal !== NEXT) return printed.signal;
    text.write(inner, printed.text);
    store(frame, value(inner));
    return NEXT;
  };
}

function compileFilterBlock(node: Statement & { typename: 'FilterBlock' }, outer: Names, unit: Unit): Execute {
  const names = new Names(outer, assignedIn(node.body));
  const body = compileBody(node.body, names, unit);
  const text = capturedText(names, unit);
  const value = filtered(node.filter, names, unit, text.read);
  const at = spanIn(unit, node.start, node.end);
  return (frame) => {
    const inner = new Frame(frame.run, frame.context, frame, names.size + 1);
    const printed = captured(body, inner);
    if (printed.signal !== NEXT) return printed.signal;
    text.write(inner, printed.text);
    const result = value(inner);
    frame.run.at = at;
    frame.run.out += textOf(result);
    return NEXT;
  };
}

/** What a block printed, kept in its frame's last slot for the filters behind it. */
function capturedText(names: Names, unit: Unit) {
  const escapes = compileEscaping(names, unit);
  return {
    write: (frame: Frame, text: string) => {
      frame.slots[frame.slots.length - 1] = escapes !== false && escapes(frame) ? new Markup(text) : text;
    },
    read: (frame: Frame) => frame.slots[frame.slots.length - 1],
  };
}

const filtered = (
  filter: Parameters<typeof compileFilter>[0] | undefined,
  names: Names,
  unit: Unit,
  input: Evaluate,
) => (filter === undefined ? input : compileFilter(filter, names, unit, input));

function compileWith(node: Statement & { typename: 'With' }, outer: Names, unit: Unit): Execute {
  const names = new Names(outer, [...boundBy(...node.bindings.map(({ target }) => target)), ...assignedIn(node.body)]);
  const bindings = node.bindings.map(({ target, value }) => ({
    store: compileTarget(target, names, unit),
    value: compileExpression(value, outer, unit),
  }));
  const body = compileBody(node.body, names, unit);
  return (frame) => {
    const inner = new Frame(frame.run, frame.context, frame, names.size);
    for (const { store, value } of bindings) store(inner, value(frame));
    return body(inner);
  };
}

function compileAutoescape(node: Statement & { typename: 'Autoescape' }, outer: Names, unit: Unit): Execute {
  const names = new Names(outer, [AUTOESCAPE, ...assignedIn(node.body)]);
  const value = compileExpression(node.value, outer, unit);
  const store = storeName(AUTOESCAPE, names);
  const body = compileBody(node.body, names, { ...unit, escaping: true });
  return (frame) => {
    const inner = new Frame(frame.run, frame.context, frame, names.size);
    store(inner, value(frame));
    return body(inner);
  };
}

function compileCallBlock(node: Statement & { typename: 'CallBlock' }, names: Names, unit: Unit): Execute {
  const { call, parameters, body } = node;
  const code = compileMacro({ name: 'caller', parameters, body }, names, unit, compileBody, compileExpression, true);
  const callee = compileExpression(call.callee, names, unit);
  const args = compileArguments(call.arguments, names, unit, compileExpression);
  const at = spanIn(unit, call.start, call.end);
  return (frame) => {
    const { run } = frame;
    const called = callee(frame);
    const given = args(frame);
    run.at = at;
    const named = new Map(given.named).set('caller', new Macro(() => code, { frame }, 'caller'));
    const result = callIn(run, called, { positional: given.positional, named });
    run.at = at;
    run.out += textOf(result);
    return NEXT;
  };
}

/** A `return` that reached the end of a template, where nothing can take its value. */
export function strayReturn(): TemplateError {
  return new TemplateError('`return` works only inside a macro.', {
    code: 'jinja/outside-macro',
  });
}
