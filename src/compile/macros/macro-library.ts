import { didYouMean } from '../../core/nearest.ts';
import type { NodeId } from '../../core/node-id.ts';
import type { Block, Template } from '../../jinja/jinja.ts';

/** A macro, generic test or materialization as written. */
export interface Macro {
  readonly id: NodeId;
  readonly packageName: string;
  /** As called: `cents_to_dollars`, `test_positive`, `materialization_snapshot_default`. */
  readonly name: string;
  readonly block: Block;
  readonly template: Template;
  /** Relative to the package. */
  readonly originalPath: string;
}

export interface DispatchOrder {
  readonly macro_namespace: string;
  readonly search_order: readonly string[];
}

/** Prefixes of implementations, the most specific first. */
const ADAPTER_PREFIXES = ['duckdb', 'default'];

/** The name of the package our own macros live in, dbt's word for it. */
export const INTERNAL_PACKAGE = 'dbt';

/** All macros of a project by package and name, and dbt's rules about which one a name means. */
export class MacroLibrary {
  private readonly byPackage = new Map<string, Map<string, Macro>>();
  private readonly rootPackage: string;
  private readonly dispatchOrders: readonly DispatchOrder[];

  constructor(rootPackage: string, dispatchOrders: readonly DispatchOrder[]) {
    this.rootPackage = rootPackage;
    this.dispatchOrders = dispatchOrders;
  }

  /** Answers the macro that already has this name in this package, if any; then nothing is added. */
  add(macro: Macro): Macro | undefined {
    let macros = this.byPackage.get(macro.packageName);
    if (macros === undefined) {
      macros = new Map();
      this.byPackage.set(macro.packageName, macros);
    }
    const earlier = macros.get(macro.name);
    if (earlier === undefined) macros.set(macro.name, macro);
    return earlier;
  }

  hasPackage(name: string): boolean {
    return this.byPackage.has(name);
  }

  packages(): Iterable<string> {
    return this.byPackage.keys();
  }

  in(packageName: string, name: string): Macro | undefined {
    return this.byPackage.get(packageName)?.get(name);
  }

  namesIn(packageName: string): Iterable<string> {
    return this.byPackage.get(packageName)?.keys() ?? [];
  }

  *all(): Generator<Macro> {
    for (const macros of this.byPackage.values()) yield* macros.values();
  }

  /** A user's macro of that plain name: the node's package, then the root project. */
  plain(name: string, nodePackage: string): Macro | undefined {
    return this.in(nodePackage, name) ?? this.in(this.rootPackage, name);
  }

  /**
   * Any macro of that plain name: ours included, and last that of the calling macro's package. (dbt does not look there. Its names of
   * templates, its macros and the project's must therefore count more.)
   */
  find(name: string, nodePackage: string, callerPackage?: string): Macro | undefined {
    return (
      this.plain(name, nodePackage) ??
      this.in(INTERNAL_PACKAGE, name) ??
      (callerPackage === undefined ? undefined : this.in(callerPackage, name))
    );
  }

  /** `star` or `dbt_utils.star`. */
  findDotted(name: string, nodePackage: string, callerPackage?: string): Macro | undefined {
    const dot = name.indexOf('.');
    if (dot < 0) return this.find(name, nodePackage, callerPackage);
    return this.in(name.slice(0, dot), name.slice(dot + 1));
  }

  /** The implementation adapter.dispatch() chooses, and the names it looked for. */
  dispatch(
    name: string,
    namespace: string | null,
    nodePackage: string,
    callerPackage?: string,
  ): { readonly macro: Macro | undefined; readonly searched: readonly string[] } {
    const searched: string[] = [];
    for (const packageName of this.searchOrder(namespace))
      for (const prefix of ADAPTER_PREFIXES) {
        const wanted = `${prefix}__${name}`;
        searched.push(packageName === null ? wanted : `${packageName}.${wanted}`);
        const macro =
          packageName === null ? this.find(wanted, nodePackage, callerPackage) : this.in(packageName, wanted);
        if (macro !== undefined) return { macro, searched };
      }
    return { macro: undefined, searched };
  }

  private searchOrder(namespace: string | null): readonly (string | null)[] {
    if (namespace === null) return [null];
    const configured = this.dispatchOrders.find((order) => order.macro_namespace === namespace);
    if (configured !== undefined) return configured.search_order;
    // dbt looks for a namespace that is no package's as if there were none.
    return this.hasPackage(namespace) ? [this.rootPackage, namespace] : [null];
  }

  /** For did-you-mean: plain names a template of this package may call. */
  *plainNames(nodePackage: string): Generator<string> {
    yield* this.namesIn(nodePackage);
    if (nodePackage !== this.rootPackage) yield* this.namesIn(this.rootPackage);
    yield* this.namesIn(INTERNAL_PACKAGE);
  }

  /** "did you mean …?" for a name nobody defines. */
  suggestion(name: string, nodePackage: string, more: Iterable<string> = []): string | undefined {
    const dot = name.indexOf('.');
    if (dot > 0) {
      const packageName = name.slice(0, dot);
      if (this.hasPackage(packageName)) {
        const dotted = [...this.namesIn(packageName)].map((known) => `${packageName}.${known}`);
        return didYouMean(name, dotted);
      }
      return didYouMean(packageName, this.packages());
    }
    return didYouMean(name, [...more, ...this.plainNames(nodePackage)]);
  }
}
