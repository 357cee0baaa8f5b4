import { didYouMean } from '../../core/nearest.ts';
import type { Located } from '../../project/project.ts';
import type { Draft } from './draft.ts';

interface Named {
  readonly name: string;
}

/** The entries of property files for one kind of resource in one package, and which of them belong to something. */
export class NodeEntries<T extends Named> {
  private readonly byName = new Map<string, Located<T>>();
  private readonly taken = new Set<string>();
  private readonly what: string;

  constructor(draft: Draft, what: string, entries: readonly Located<T>[]) {
    this.what = what;
    for (const entry of entries) {
      const { name } = entry.value;
      const earlier = this.byName.get(name);
      if (earlier === undefined) this.byName.set(name, entry);
      else draft.reportTwice(`the properties of the ${what} \`${name}\``, entry.span(['name']), earlier.span(['name']));
    }
  }

  all(): Iterable<Located<T>> {
    return this.byName.values();
  }

  /** The entry of a name; it counts as used from now on. */
  take(name: string): Located<T> | undefined {
    const entry = this.byName.get(name);
    if (entry !== undefined) this.taken.add(name);
    return entry;
  }

  get(name: string): Located<T> | undefined {
    return this.byName.get(name);
  }

  /** Warns about entries nothing was found for. */
  reportUnused(draft: Draft, known: Iterable<string>): void {
    const names = [...known];
    for (const [name, entry] of this.byName) {
      if (this.taken.has(name)) continue;
      draft.report({
        code: 'compile/unused-properties',
        severity: 'warning',
        message: `there is no ${this.what} \`${name}\`, so nothing comes of these properties`,
        at: entry.span(['name']),
        hint: didYouMean(name, names) ?? `add the ${this.what} or remove the entry`,
      });
    }
  }
}
