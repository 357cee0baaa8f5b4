import type { Json, NodeId } from '../../core/node-id.ts';
import { TemplateError, type Value } from '../../jinja/jinja.ts';
import { type RelationParts, relationText, relationValue } from '../context/relation-value.ts';
import type { RefRequest, Subject } from '../context/rendering.ts';
import type { Found, Resolver } from '../links/resolver.ts';
import type { AnyNode, GraphNode, SourceNode } from '../manifest.ts';
import { isNarrowed, isTested } from '../tested-node.ts';
import { cteName } from './ephemeral.ts';
import type { CompileRequest, NodeRelation } from './outcome.ts';

/** Who is compiled: a node of the manifest, or a text that belongs to the project as a whole. */
export interface Rendered {
  readonly node: GraphNode | null;
  readonly packageName: string;
  /** Nodes it may read; null: any. */
  readonly mayRead: ReadonlySet<NodeId> | null;
}

/** What ref(), source(), this and config mean when a node is compiled for a run. */
export class NodeSubject implements Subject {
  readonly packageName: string;
  /** Nodes read so far, in order. */
  readonly nodesRead = new Set<NodeId>();
  /** Ephemeral models read so far, in order. */
  readonly ephemerals = new Set<NodeId>();
  /** What stands for relations of which the test's `where` leaves a part, and the names they would go by. */
  readonly narrowed = new Map<string, string>();
  private readonly subject: Rendered;
  private readonly request: CompileRequest;
  private readonly resolver: Resolver;
  private calls: Readonly<Record<string, Json>> = {};

  constructor(subject: Rendered, request: CompileRequest, resolver: Resolver) {
    this.subject = subject;
    this.packageName = subject.packageName;
    this.request = request;
    this.resolver = resolver;
  }

  model(): Json {
    const { node } = this.subject;
    if (node === null) return {};
    const { batch } = this.request;
    return {
      ...(node as unknown as Readonly<Record<string, Json>>),
      ...(batch === undefined ? {} : { batch: { ...batch } }),
    }; // a node is JSON; interfaces have no index signature
  }

  thisRelation(): RelationParts | null {
    const { node } = this.subject;
    if (node === null) return null;
    return partsOf(node, this.request.thisRelation ?? this.request.relationOf?.(node.unique_id));
  }

  ref(asked: RefRequest): Value {
    const found = this.resolver.ref(asked, this.packageName);
    if (found.kind !== 'found') throw missing(found, `ref('${asked.name}')`, 'compile/unknown-ref');
    return this.read(found.node, `ref('${asked.name}')`);
  }

  source(name: string, table: string): Value {
    const found = this.resolver.source(name, table, this.packageName);
    if (found.kind !== 'found') throw missing(found, `source('${name}', '${table}')`, 'compile/unknown-source');
    return this.read(found.node, `source('${name}', '${table}')`);
  }

  configure(values: Readonly<Record<string, Json>>): void {
    this.calls = { ...this.calls, ...values };
  }

  config(): Readonly<Record<string, Json>> {
    return this.subject.node?.config ?? this.calls;
  }

  isIncremental(): boolean {
    return this.request.isIncremental === true;
  }

  /** The relation of a node that is read; remembers that it was. */
  read(node: GraphNode | SourceNode, call: string): Value {
    const { mayRead } = this.subject;
    if (mayRead !== null && !mayRead.has(node.unique_id))
      throw new TemplateError(`${call} was not seen when the project was read, so its order in the run is not known`, {
        code: 'compile/undeclared-ref',
        hint: `put this line at the top of the file: -- depends_on: {{ ${call} }}`,
      });
    this.nodesRead.add(node.unique_id);
    return relationValue(this.partsToRead(node));
  }

  private partsToRead(node: GraphNode | SourceNode): RelationParts {
    const parts = this.partsAsTheyAre(node);
    const reader = this.subject.node;
    if (reader === null || !isNarrowed(reader) || !isTested(reader, node)) return parts;
    const rendered = `(select * from ${relationText(parts)} where ${reader.config['where']}\n)`;
    this.narrowed.set(rendered, parts.identifier ?? node.name);
    return { ...parts, rendered };
  }

  private partsAsTheyAre(node: GraphNode | SourceNode): RelationParts {
    if (node.resource_type !== 'source' && node.config.materialized === 'ephemeral') {
      this.ephemerals.add(node.unique_id);
      const name = cteName(node.alias);
      return { database: null, schema: null, identifier: name, type: 'cte', rendered: name, isCte: true };
    }
    return partsOf(node, this.request.relationOf?.(node.unique_id));
  }
}

function missing(found: Exclude<Found<AnyNode>, { kind: 'found' }>, call: string, code: string): TemplateError {
  if (found.kind === 'disabled') return new TemplateError(`${call} is disabled`, { code: 'compile/disabled-ref' });
  return new TemplateError(`${call} does not exist`, { code, hint: found.hint });
}

function partsOf(node: GraphNode | SourceNode, now: NodeRelation | undefined): RelationParts {
  const identifier = node.resource_type === 'source' ? node.identifier : node.alias;
  const { database, schema } = node;
  return {
    database: now?.database ?? database,
    schema: now?.schema ?? schema,
    identifier: now?.identifier ?? identifier,
    type: now?.type ?? typeOf(node),
    rendered: now?.rendered ?? (isRenderedByName(node) ? undefined : (node.relation_name ?? undefined)),
  };
}

/** External sources and unquoted names print what the manifest says. */
const isRenderedByName = (node: GraphNode | SourceNode): boolean =>
  node.resource_type === 'source'
    ? node.external === null && !hasQuoting(node.quoting)
    : !hasQuoting(node.config['quoting']);

const hasQuoting = (quoting: Json | undefined): boolean =>
  typeof quoting === 'object' && quoting !== null && Object.values(quoting).includes(false);

function typeOf(node: GraphNode | SourceNode): string | null {
  if (node.resource_type === 'source') return node.external === null ? 'table' : 'external';
  switch (node.config.materialized) {
    case 'view':
      return node.resource_type === 'model' ? 'view' : null;
    case 'external':
      return 'external';
    case 'ephemeral':
      return 'cte';
    default:
      return 'table';
  }
}
