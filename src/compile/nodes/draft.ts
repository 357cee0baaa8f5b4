import type { Diagnostic } from '../../core/diagnostic.ts';
import type { Json, NodeId } from '../../core/node-id.ts';
import type { Path, Span } from '../../core/source.ts';
import type { World } from '../context/rendering.ts';
import type {
  AnyNode,
  DocNode,
  ExposureNode,
  GraphNode,
  GroupNode,
  MacroNode,
  SourceNode,
  UnitTestNode,
} from '../manifest.ts';
import type { ParsedTemplate } from '../templates/parsed-template.ts';

/** A node while it is still being made. */
export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export interface Drafted<N> {
  readonly node: N;
  /** Where it is defined, for messages. */
  readonly at: Span;
}

export interface DraftNode extends Drafted<Mutable<GraphNode>> {
  /** What parsing its SQL found; null for seeds and generic tests. */
  readonly parsed: ParsedTemplate | null;
  /** Where each ref is written, in the order of `node.refs`, then of `node.sources`; `at` of the node where unknown. */
  readonly refSpans: readonly (Span | null)[];
  readonly sourceSpans: readonly (Span | null)[];
  /** Where `raw_code` begins in its file. Default 0. */
  readonly offset?: number;
}

/** Everything found so far. The stages of `compileProject` fill it one after another. */
export class Draft {
  readonly world: World;
  readonly diagnostics: Diagnostic[] = [];
  readonly nodes = new Map<NodeId, DraftNode>();
  readonly sources = new Map<NodeId, Drafted<Mutable<SourceNode>>>();
  readonly exposures = new Map<NodeId, Drafted<Mutable<ExposureNode>>>();
  readonly unitTests = new Map<NodeId, Drafted<Mutable<UnitTestNode>>>();
  readonly macros = new Map<NodeId, Mutable<MacroNode>>();
  readonly docs = new Map<NodeId, DocNode>();
  readonly groups = new Map<NodeId, GroupNode>();
  readonly passedThrough: Record<'metrics' | 'semantic_models' | 'saved_queries' | 'functions', Record<NodeId, Json>> =
    {
      metrics: {},
      semantic_models: {},
      saved_queries: {},
      functions: {},
    };
  readonly disabled = new Map<NodeId, AnyNode[]>();
  /** Files' facts by content hash, for the next run. */
  readonly parsedTemplates = new Map<string, ParsedTemplate>();

  constructor(world: World) {
    this.world = world;
  }

  report(diagnostic: Omit<Diagnostic, 'severity'> & { readonly severity?: Diagnostic['severity'] }): void {
    this.diagnostics.push({ severity: 'error', ...diagnostic });
  }

  disable(node: AnyNode): void {
    const others = this.disabled.get(node.unique_id);
    if (others === undefined) this.disabled.set(node.unique_id, [node]);
    else others.push(node);
  }

  /** Keeps a node, or says that its name is taken. */
  addNode(draft: DraftNode, what: string): void {
    const { node } = draft;
    if (!node.config.enabled) {
      this.disable(node);
      return;
    }
    const earlier = this.nodes.get(node.unique_id);
    if (earlier === undefined) this.nodes.set(node.unique_id, draft);
    else this.reportTwice(`${what} \`${ownId(node.config) ?? node.name}\``, draft.at, earlier.at);
  }

  reportTwice(what: string, at: Span, earlier: Span): void {
    this.report({
      code: 'compile/duplicate-name',
      message: `${what} is defined twice: in ${earlier.file} and in ${at.file}`,
      at,
      hint: 'give one of them another name',
    });
  }
}

/** A test's `id`, in place of its name and hash: history and verdicts go on when its name or arguments change. */
export const ownId = (config: GraphNode['config']): string | undefined =>
  typeof config['id'] === 'string' ? config['id'] : undefined;

export const fileSpan = (file: Path): Span => ({ file, start: 0, end: 0 });
