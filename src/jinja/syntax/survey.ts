import type { Json } from '../../core/node-id.ts';
import type { FreeName, StaticCall } from '../contract.ts';
import {
  type Arguments,
  type Body,
  type CallNode,
  type Expression,
  endOf,
  type MacroNode,
  namesIn,
  type Statement,
  startOf,
} from './nodes.ts';

export interface Survey {
  readonly calls: readonly StaticCall[];
  readonly freeNames: readonly FreeName[];
}

/** A filter or test that does not exist. Jinja2 fails at once unless it is inside a condition, where it may never run. */
export interface UnknownName {
  readonly kind: 'filter' | 'test';
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly conditional: boolean;
}

export interface SurveyOptions {
  readonly path: string;
  readonly offset: number;
  readonly knows: {
    filter(name: string): boolean;
    test(name: string): boolean;
  };
  /** Names every template has. */
  readonly given: (name: string) => boolean;
}

/** Goes through a body once and notes the calls, the names it reads from its scope, and filters and tests that do not exist. */
export class Surveyor {
  readonly unknown: UnknownName[] = [];
  readonly doubleBlocks: {
    readonly name: string;
    readonly start: number;
    readonly end: number;
  }[] = [];
  private readonly options: SurveyOptions;
  private calls: StaticCall[] = [];
  private free: FreeName[] = [];
  private guarded = new Set<string>();
  private scopes: Set<string>[] = [];
  private soft = false;
  private readonly inheritBlocks = new Set<string>();

  constructor(options: SurveyOptions) {
    this.options = options;
  }

  /** The template outside its definitions. */
  template(body: Body): Survey {
    return this.collect(() => {
      this.scopes = [new Set()];
      this.bind(body);
      this.body(body);
    });
  }

  /** One macro, test, materialization or snapshot. */
  definition(node: MacroNode): Survey {
    return this.collect(() => this.macro(node.parameters, node.body));
  }

  private collect(visit: () => void): Survey {
    [this.calls, this.free, this.guarded, this.scopes, this.soft] = [[], [], new Set(), [], false];
    visit();
    const freeNames = this.free.filter(({ name }) => !this.guarded.has(name));
    return { calls: this.calls, freeNames };
  }

  private macro(parameters: MacroNode['parameters'], body: Body): void {
    const names = new Set([...parameters.map(({ name }) => name), 'varargs', 'kwargs', 'caller']);
    this.within(names, () => {
      this.bind(body);
      for (const { defaultValue } of parameters) if (defaultValue !== undefined) this.expression(defaultValue);
      this.body(body);
    });
  }

  /** A scope of its own; Jinja2 checks filters strictly again in it. */
  private within(names: Set<string>, visit: () => void): void {
    const { soft } = this;
    this.soft = false;
    this.scopes.push(names);
    visit();
    this.scopes.pop();
    this.soft = soft;
  }

  /** Names that a body assigns in its scope count as bound in all of it. */
  private bind(body: Body): void {
    const scope = this.scopes.at(-1);
    for (const node of body) {
      if (node.typename === 'Assign' || node.typename === 'AssignBlock')
        for (const name of namesIn(node.target)) scope?.add(name);
      else if (node.typename === 'MacroBlock' && node.kind === 'macro') scope?.add(node.name);
      else if (node.typename === 'Import') scope?.add(node.name);
      else if (node.typename === 'FromImport') for (const name of node.names) scope?.add(name.as);
      else if (node.typename === 'Branch') {
        for (const branch of node.branches) this.bind(branch.body);
        this.bind(node.otherwise);
      }
    }
  }

  private body(body: Body): void {
    for (const node of body) this.statement(node);
  }

  private scoped(names: Iterable<string>, body: Body): void {
    this.within(new Set(names), () => {
      this.bind(body);
      this.body(body);
    });
  }

  private statement(node: Statement): void {
    switch (node.typename) {
      case 'Data':
      case 'Docs':
      case 'Break':
      case 'Continue':
        return;
      case 'Print':
      case 'Do':
        this.expression(node.value);
        return;
      case 'Assign':
        this.expression(node.value);
        return;
      case 'AssignBlock':
        this.scoped([], node.body);
        if (node.filter !== undefined) this.expression(node.filter);
        return;
      case 'Branch':
        this.conditionally(() => {
          for (const { condition, body } of node.branches) {
            this.expression(condition);
            this.body(body);
          }
          this.body(node.otherwise);
        });
        return;
      case 'Loop':
        this.expression(node.iterable);
        if (node.condition !== undefined) {
          const { condition } = node;
          this.within(new Set(namesIn(node.target)), () => this.expression(condition));
        }
        this.scoped([...namesIn(node.target), 'loop'], node.body);
        this.scoped([], node.otherwise);
        return;
      case 'MacroBlock':
        // Definitions at the top level are surveyed on their own.
        if (node.kind === 'macro' && this.scopes.length > 1) this.macro(node.parameters, node.body);
        return;
      case 'CallBlock':
        this.expression(node.call);
        this.macro(node.parameters, node.body);
        return;
      case 'FilterBlock':
        this.scoped([], node.body);
        this.expression(node.filter);
        return;
      case 'With':
        for (const { value } of node.bindings) this.expression(value);
        this.scoped(
          node.bindings.flatMap(({ target }) => namesIn(target)),
          node.body,
        );
        return;
      case 'Autoescape':
        this.expression(node.value);
        this.scoped([], node.body);
        return;
      case 'InheritBlock':
        if (this.inheritBlocks.has(node.name))
          this.doubleBlocks.push({
            name: node.name,
            start: node.start,
            end: node.end,
          });
        this.inheritBlocks.add(node.name);
        this.scoped(['super', 'self'], node.body);
        return;
      case 'Extends':
      case 'Include':
      case 'Import':
      case 'FromImport':
        this.expression(node.template);
        return;
    }
    node satisfies never;
  }

  private conditionally(visit: () => void): void {
    const { soft } = this;
    this.soft = true;
    visit();
    this.soft = soft;
  }

  private expression(node: Expression): void {
    switch (node.typename) {
      case 'Constant':
        return;
      case 'Name':
        this.name(node.name, node.start, node.end);
        return;
      case 'Tuple':
      case 'List':
      case 'Concat':
        this.all(node.items);
        return;
      case 'Mapping':
        for (const { key, value } of node.pairs) this.all([key, value]);
        return;
      case 'Or':
      case 'And':
      case 'Binary':
        this.all([node.left, node.right]);
        return;
      case 'Negation':
      case 'Unary':
      case 'Attribute':
        this.expression(node.target);
        return;
      case 'Comparison':
        this.expression(node.first);
        for (const { value } of node.rest) this.expression(value);
        return;
      case 'Conditional':
        this.conditionally(() => this.all([node.condition, node.body, node.otherwise]));
        return;
      case 'Item':
        this.all([node.target, node.index]);
        return;
      case 'SliceOf':
        this.all([node.from, node.to, node.step]);
        return;
      case 'Call':
        this.call(node);
        this.expression(node.callee);
        this.arguments(node.arguments);
        return;
      case 'Filtered':
        this.check('filter', node.name, node.nameStart);
        if (node.target !== undefined) this.guardedTarget(node.target, node.name === 'default' || node.name === 'd');
        this.arguments(node.arguments);
        return;
      case 'IsTest':
        this.check('test', node.name, node.nameStart);
        this.guardedTarget(node.target, node.name === 'defined' || node.name === 'undefined');
        this.arguments(node.arguments);
        return;
    }
    node satisfies never;
  }

  private all(nodes: readonly (Expression | undefined)[]): void {
    for (const node of nodes) if (node !== undefined) this.expression(node);
  }

  private arguments({ positional, named, star, starStar }: Arguments): void {
    this.all(positional);
    for (const { value } of named) this.expression(value);
    this.all([star, starStar]);
  }

  /** A name that is tested for being defined, or has a default, is not missed anywhere in the same template or macro. */
  private guardedTarget(target: Expression, guards: boolean): void {
    if (guards && target.typename === 'Name') this.guarded.add(target.name);
    else this.expression(target);
  }

  private check(kind: 'filter' | 'test', name: string, start: number): void {
    if (this.options.knows[kind](name)) return;
    this.unknown.push({
      kind,
      name,
      start,
      end: start + name.length,
      conditional: this.soft,
    });
  }

  private name(name: string, start: number, end: number): void {
    if (this.options.given(name) || this.scopes.some((scope) => scope.has(name))) return;
    if (name === 'self' || name === 'super') return;
    this.free.push({ name, at: this.span(start, end) });
  }

  private call(node: CallNode): void {
    const name = dottedName(node.callee);
    if (name === undefined) return;
    this.calls.push({
      name,
      positional: node.arguments.positional.map(literalOf),
      named: Object.fromEntries(node.arguments.named.map((argument) => [argument.name, literalOf(argument.value)])),
      at: this.span(node.start, node.end),
      argumentSpans: node.arguments.positional.map((argument) => this.span(startOf(argument), endOf(argument))),
    });
  }

  private span(start: number, end: number) {
    const { path, offset } = this.options;
    return { file: path, start: offset + start, end: offset + end };
  }
}

function dottedName(node: Expression): string | undefined {
  if (node.typename === 'Name') return node.name;
  if (node.typename !== 'Attribute') return undefined;
  const target = dottedName(node.target);
  return target === undefined ? undefined : `${target}.${node.name}`;
}

/** A literal as JSON, or undefined when the expression is none. */
export function literalOf(node: Expression): Json | undefined {
  switch (node.typename) {
    case 'Constant':
      return node.special === 'integer' ? Number(node.value) : node.value;
    case 'List':
    case 'Tuple': {
      const items = node.items.map(literalOf);
      return items.some((item) => item === undefined) ? undefined : items.map((item) => item ?? null);
    }
    case 'Mapping': {
      const result: Record<string, Json> = {};
      for (const { key, value } of node.pairs) {
        const [name, item] = [literalOf(key), literalOf(value)];
        if (typeof name !== 'string' || item === undefined) return undefined;
        result[name] = item;
      }
      return result;
    }
    case 'Unary': {
      const value = literalOf(node.target);
      return typeof value === 'number' ? (node.operator === '-' ? -value : value) : undefined;
    }
    default:
      return undefined;
  }
}
