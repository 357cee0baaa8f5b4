import type { Json, NodeId } from '../../core/node-id.ts';
import {
  type CallSite,
  macroValue,
  type Scope,
  suspend,
  TemplateError,
  toValue,
  type Value,
} from '../../jinja/jinja.ts';
import type { Project } from '../../project/project.ts';
import type { Macro, MacroLibrary } from '../macros/macro-library.ts';
import type { Answer, Asked, LogLine, Need } from '../needs.ts';
import { needKey } from '../needs.ts';
import type { CompileOptions } from '../options.ts';
import type { RelationParts } from './relation-value.ts';

/** What all renders of one project share. */
export interface World {
  readonly project: Project;
  readonly options: CompileOptions;
  readonly library: MacroLibrary;
  /** The `graph` variable; empty until everything is parsed. */
  readonly graph: () => Value;
}

export interface RefRequest {
  readonly name: string;
  readonly package: string | null;
  readonly version: string | number | null;
}

/** Who is rendered and what the graph's verbs mean there: recording at parse time, resolving at run time. */
export interface Subject {
  readonly packageName: string;
  /** dbt's `model`. */
  readonly model: () => Json;
  readonly thisRelation: () => RelationParts | null;
  ref(asked: RefRequest, site: CallSite): Value;
  source(name: string, table: string, site: CallSite): Value;
  /** config(...) was called. */
  configure(values: Readonly<Record<string, Json>>): void;
  /** The config as it is now. */
  config(): Readonly<Record<string, Json>>;
  isIncremental(): boolean;
}

/** Answers that take the place of what a project says; unit tests use them. */
export interface Overrides {
  readonly macros?: Readonly<Record<string, Json>>;
  readonly vars?: Readonly<Record<string, Json>>;
  readonly env_vars?: Readonly<Record<string, string>>;
}

export interface RenderingOptions {
  readonly execute: boolean;
  readonly answers?: readonly Asked[];
  readonly overrides?: Overrides;
  /** Further names, e.g. `results` in on-run-end. They win over everything. */
  readonly extra?: Readonly<Record<string, Value>>;
}

/**
 * One attempt to render one thing. It holds every effect of the attempt (logs, refs, what was read), so an attempt that stops to ask
 * the warehouse is thrown away whole and the next one starts fresh.
 */
export class Rendering {
  readonly world: World;
  readonly subject: Subject;
  readonly execute: boolean;
  readonly overrides: Overrides;
  readonly extra: Readonly<Record<string, Value>>;
  readonly logs: LogLine[] = [];
  readonly varsRead: Record<string, Json> = {};
  readonly envRead: Record<string, string | null> = {};
  readonly macrosUsed = new Set<NodeId>();
  readonly asked: Asked[] = [];
  /** Results that `store_result` kept, by name. */
  readonly results = new Map<string, Value>();
  /** Names that templates gave to `context`. */
  readonly noted = new Map<string, Value>();
  readsTime = false;
  private readonly answers: readonly Asked[];
  private readonly macroValues = new Map<NodeId, Value>();
  private readonly members: ContextMembers;

  constructor(world: World, subject: Subject, options: RenderingOptions, members: ContextMembers) {
    this.world = world;
    this.subject = subject;
    this.execute = options.execute;
    this.answers = options.answers ?? [];
    this.overrides = options.overrides ?? {};
    this.extra = options.extra ?? {};
    this.members = members;
  }

  /** The names a text of the subject, or a macro of `callerPackage`, can read. */
  scope(callerPackage?: string): Scope {
    return {
      lookup: (name) => this.lookup(name, callerPackage),
      names: () => this.names(),
    };
  }

  lookup(name: string, callerPackage?: string): Value | undefined {
    if (this.noted.has(name)) return this.noted.get(name);
    if (Object.hasOwn(this.extra, name)) return this.extra[name];
    const override = this.override(name);
    if (override !== undefined) return override;
    const { library } = this.world;
    const users = library.plain(name, this.subject.packageName);
    if (users !== undefined) return this.macro(users);
    const member = this.members.get(name, this);
    if (member !== undefined) return member;
    const ours = library.find(name, this.subject.packageName, callerPackage);
    if (ours !== undefined) return this.macro(ours);
    return library.hasPackage(name) ? this.members.packageValue(name, this) : undefined;
  }

  *names(): Generator<string> {
    yield* this.noted.keys();
    yield* Object.keys(this.extra);
    yield* this.members.names();
    yield* this.world.library.plainNames(this.subject.packageName);
    yield* this.world.library.packages();
  }

  /** What a unit test makes of a macro: `is_incremental`, `dbt_utils.star`. */
  override(name: string): Value | undefined {
    const macros = this.overrides.macros;
    if (macros === undefined || !Object.hasOwn(macros, name)) return undefined;
    return this.members.constant(name, toValue(macros[name] ?? null));
  }

  /** A macro as a value to call; using it is remembered. */
  macro(macro: Macro): Value {
    this.macrosUsed.add(macro.id);
    let value = this.macroValues.get(macro.id);
    if (value === undefined) {
      const scope = this.scope(macro.packageName);
      value = macroValue(macro.block, macro.template, () => scope, macro.name);
      this.macroValues.set(macro.id, value);
    }
    return value;
  }

  /** Asks the warehouse: answers from the earlier attempts, else stops this attempt. */
  ask(need: Need): Exclude<Answer, { kind: 'failed' }> {
    const earlier = this.answers[this.asked.length];
    if (earlier === undefined) return suspend(need);
    if (needKey(earlier.request) !== needKey(need))
      throw new TemplateError('this template asks the warehouse something else each time it is rendered', {
        code: 'compile/unstable-query',
        hint: 'build the query from values that do not change within a run',
      });
    this.asked.push(earlier);
    if (earlier.answer.kind === 'failed')
      throw new TemplateError(earlier.answer.message, { code: 'compile/query-failed' });
    return earlier.answer;
  }

  log(level: LogLine['level'], message: string): void {
    this.logs.push({ level, message });
  }
}

/** The names dbt puts into every template; made by `contextMembers`. */
export interface ContextMembers {
  get(name: string, rendering: Rendering): Value | undefined;
  names(): Iterable<string>;
  packageValue(packageName: string, rendering: Rendering): Value;
  constant(name: string, value: Value): Value;
}
