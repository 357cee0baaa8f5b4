/** SQL in which sources go by their names, wherever their files are. */
import type { Manifest, SourceNode } from '../../compile/manifest.ts';
import { publicName } from '../../ledger/names.ts';
import { externalRelation } from './source-relations.ts';

/** A folder nobody has, to find out where a source's SQL names the project's own. */
const FOLDER = '/%folder%';

/** A source's quoted name, also of one that is files and has no such relation. */
export const sourceName = ({ database, schema, identifier }: SourceNode): string =>
  publicName({ database, schema, alias: identifier });

/**
 * Replaces the calls that read a source's files (`read_parquet('/somewhere/flights.parquet')`) by the source's quoted name. It
 * recognises them in any folder, so that SQL compiled on another machine is recognised, too.
 */
export function sourceNames(manifest: Pick<Manifest, 'sources'>, folder: string): (sql: string) => string {
  const external = Object.values(manifest.sources).flatMap((source) => {
    const [here, anywhere] = [externalRelation(source, folder), externalRelation(source, FOLDER)];
    return here === undefined || anywhere === undefined
      ? []
      : [
          {
            here,
            pattern: new RegExp(escaped(anywhere).replaceAll(escaped(FOLDER), "[^']*?"), 'g'),
            name: sourceName(source),
          },
        ];
  });
  return (sql) => {
    if (!/\w\s*\(\s*'/.test(sql)) return sql;
    let text = sql;
    for (const { here, pattern, name } of external)
      text = text.replaceAll(here, () => name).replace(pattern, () => name);
    return text;
  };
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
