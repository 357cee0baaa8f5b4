/** What earlier commands learnt by parsing templates, by content hash, kept in target/.dql/templates.json. */
import { join } from 'node:path';
import type { ParsedTemplate, TemplateCache } from '../../compile/compile.ts';
import type { Json } from '../../core/node-id.ts';
import { readArtifact } from '../../disk/read-artifact.ts';
import type { FileToWrite } from '../../disk/write-target.ts';

/** The file's shape. Another dql may have parsed otherwise, so its version is part of it. */
interface Kept {
  readonly version: string;
  readonly facts: Readonly<Record<string, ParsedTemplate>>;
  readonly templates: Readonly<Record<string, Json>>;
}

export interface ProjectTemplates extends TemplateCache {
  /** Facts of the files' SQL as the last command found them. */
  readonly facts: ReadonlyMap<string, ParsedTemplate>;
  /** What to write down for the next command: what this one used and learnt; nothing when that is what the file says. */
  written(facts: ReadonlyMap<string, ParsedTemplate>): readonly FileToWrite[];
}

const FILE = 'templates.json';

/** Templates kept beside two for each file with SQL: macros, hooks, files that were edited and edited back. */
const SPARE = 500;

/** @param enabled `--no-partial-parse`: nothing is read and nothing is written */
export function projectTemplates(targetFolder: string, version: string, enabled: boolean): ProjectTemplates {
  const read = enabled ? readArtifact<Kept>(join(targetFolder, '.dql'), FILE) : undefined;
  const kept = read?.version === version ? read : undefined;
  const before = new Map(Object.entries(kept?.templates ?? {}));
  const learnt = new Map<string, Json>();
  const facts = new Map(Object.entries(kept?.facts ?? {}));
  return {
    facts,
    get: (key) => learnt.get(key) ?? before.get(key),
    set: (key, template) => learnt.set(key, template),
    written(now) {
      const sameFacts = now.size === facts.size && [...now].every(([key, parsed]) => facts.get(key) === parsed);
      if (!enabled || (learnt.size === 0 && sameFacts)) return [];
      // What texts that are gone were parsed to goes, too, in the order in which it was learnt.
      const templates = Object.fromEntries([...before, ...learnt].slice(-(SPARE + 2 * now.size)));
      const text = JSON.stringify({ version, facts: Object.fromEntries(now), templates } satisfies Kept);
      return [{ path: `.dql/${FILE}`, text }];
    },
  };
}
