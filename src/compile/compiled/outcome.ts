import type { Diagnostic } from '../../core/diagnostic.ts';
import type { Json, NodeId } from '../../core/node-id.ts';
import type { Overrides } from '../context/rendering.ts';
import type { Asked, LogLine, Need } from '../needs.ts';
import type { InjectedCte } from './ephemeral.ts';

/** Where a node's relation is for one render. */
export interface NodeRelation {
  /** Public names: what `.database`, `.schema` and `.identifier` answer. */
  readonly database: string;
  readonly schema: string;
  readonly identifier: string;
  /** What printing the relation gives: a staged version's name, a subquery, a function call. */
  readonly rendered: string;
  /** Default: by the node's materialization. */
  readonly type?: 'table' | 'view' | 'external';
}

/** What a render may use. Everything is optional: without it a node is compiled against its public names. */
export interface CompileRequest {
  /** Where each node that is read (and `this`) is now; undefined: its public name. */
  readonly relationOf?: (id: NodeId) => NodeRelation | undefined;
  /** `this`, when it is not `relationOf` of the node. */
  readonly thisRelation?: NodeRelation;
  /** What `execute` says. Default true. */
  readonly execute?: boolean;
  /** What `is_incremental()` says. Default false. */
  readonly isIncremental?: boolean;
  /** Everything asked and answered so far, in order. */
  readonly answers?: readonly Asked[];
  readonly overrides?: Overrides;
  /** `model.batch` of a microbatch. */
  readonly batch?: { readonly id: string; readonly event_time_start: string; readonly event_time_end: string };
  /** `results`, `schemas` and `database_schemas` of on-run-end, `selected_resources` (ids), and any other names. */
  readonly extra?: Readonly<Record<string, Json>>;
}

/** What a render said and read on its way. */
export interface RenderFacts {
  readonly logs: readonly LogLine[];
  readonly asked: readonly Asked[];
  /** It used run_started_at, invocation_id or the language's clock, so it may differ from run to run. */
  readonly readsTime: boolean;
  readonly varsRead: Readonly<Record<string, Json>>;
  /** Null: it was asked for and not set. */
  readonly envRead: Readonly<Record<string, string | null>>;
  readonly macrosUsed: readonly NodeId[];
  /** Nodes that were read by ref() or source(), those inside ephemeral models included. */
  readonly nodesRead: readonly NodeId[];
}

export interface Compiled extends RenderFacts {
  readonly kind: 'compiled';
  /** Ready to run: ephemeral models are CTEs at the top. */
  readonly sql: string;
  /** The same without those CTEs. */
  readonly code: string;
  readonly ctes: readonly InjectedCte[];
}

/** A data test whose SQL the room `checks` makes. */
export interface CompiledCheck extends RenderFacts {
  readonly kind: 'check';
  /** As written: `not_null`, `dbt_utils.accepted_range`. */
  readonly name: string;
  /** Arguments without the model; refs and sources are the SQL text of their relations. */
  readonly kwargs: Readonly<Record<string, Json>>;
  readonly columnName: string | null;
  /** What is tested, as it stands after FROM; a CTE's name when the model is ephemeral. */
  readonly relation: string;
  readonly where: string | null;
  /** To be put before the test's SQL with `withCtes`. */
  readonly ctes: readonly InjectedCte[];
}

export interface Needs {
  readonly kind: 'needs';
  readonly request: Need;
}

export interface Failed {
  readonly kind: 'failed';
  readonly diagnostics: readonly Diagnostic[];
}

export type CompileOutcome = Compiled | CompiledCheck | Needs | Failed;

export interface Rendered extends RenderFacts {
  readonly kind: 'rendered';
  readonly text: string;
}

export type RenderOutcome = Rendered | Needs | Failed;

export interface Called extends RenderFacts {
  readonly kind: 'called';
  /** What the macro returned, as JSON where it can be; text otherwise. */
  readonly value: Json;
}

export type CallOutcome = Called | Needs | Failed;
