import { didYouMean } from '../../core/nearest.ts';
import type { Located } from '../../project/project.ts';
import type { Draft } from './draft.ts';

interface Named {
  readonly name: string;
}

/**
 * The entries of property files for one kind of resource in one package, and which of them belong to something. What the project itself
 * describes and does not have may belong to a package.
 */
export class NodeEntries<T extends Named> {
  private readonly byName = new Map<string, Located<T>>();
  /** Name → the package whose resource it is. */
  private readonly taken = new Map<string, string>();
  private readonly draft: Draft;
  private readonly what: string;
  private readonly owner: string;
  private readonly project: NodeEntries<T> | undefined;

  /** @param project the entries of the project itself, whose resources are known already; undefined when these are they */
  constructor(draft: Draft, what: string, owner: string, entries: readonly Located<T>[], project?: NodeEntries<T>) {
    this.draft = draft;
    this.what = what;
    this.owner = owner;
    this.project = project;
    for (const entry of entries) {
      const { name } = entry.value;
      const earlier = this.byName.get(name);
      if (earlier === undefined) this.byName.set(name, entry);
      else this.reportTwice(entry, earlier);
    }
  }

  all(): Iterable<Located<T>> {
    return this.byName.values();
  }

  /** The entry of a name; it counts as used from now on. */
  take(name: string): Located<T> | undefined {
    const own = this.byName.get(name);
    if (own !== undefined) this.taken.set(name, this.owner);
    const lent = this.project?.lend(name, this.owner);
    if (own !== undefined && lent !== undefined) this.reportTwice(lent, own);
    return own ?? lent;
  }

  /** The package that has what an entry describes. */
  homeOf(name: string): string {
    return this.taken.get(name) ?? this.owner;
  }

  private lend(name: string, home: string): Located<T> | undefined {
    const entry = this.taken.has(name) ? undefined : this.byName.get(name);
    if (entry !== undefined) this.taken.set(name, home);
    return entry;
  }

  private reportTwice(entry: Located<T>, earlier: Located<T>): void {
    const what = `the properties of the ${this.what} \`${entry.value.name}\``;
    this.draft.reportTwice(what, entry.span(['name']), earlier.span(['name']));
  }

  get(name: string): Located<T> | undefined {
    return this.byName.get(name);
  }

  /**
   * Warns about entries nothing was found for.
   * @param kindOf what else has a name: `seed`; its tests are made all the same
   */
  reportUnused(known: Iterable<string>, kindOf: (name: string) => string | undefined = () => undefined): void {
    const names = [...known];
    for (const [name, entry] of this.byName) {
      if (this.taken.has(name)) continue;
      const kind = kindOf(name);
      this.draft.report({
        code: 'compile/unused-properties',
        severity: 'warning',
        at: entry.span(['name']),
        ...(kind === undefined
          ? {
              message: `there is no ${this.what} \`${name}\`, so nothing comes of these properties`,
              hint: didYouMean(name, names) ?? `add the ${this.what} or remove the entry`,
            }
          : {
              message: `\`${name}\` is a ${kind} and no ${this.what}, so nothing but tests comes of these properties`,
              hint: `move the entry to \`${kind}s:\``,
            }),
      });
    }
  }
}
