/** Which publication the engine refuses. */
import { EngineError } from '../core/engine-error.ts';
import type { NodeId } from '../core/node-id.ts';
import type { Connection } from '../engine/engine.ts';
import { homeOf } from '../ledger/records.ts';
import type { FileText } from './commit-files.ts';
import { type Publication, publishingSql } from './publish.ts';

/** Finds the publication that the engine refuses, by trying them one at a time; nothing stays. */
export async function guiltyOf(
  connection: Connection,
  everything: readonly Publication[],
  everyRenamed: readonly FileText[],
): Promise<{ readonly node: NodeId; readonly message: string } | undefined> {
  for (const database of new Set(everything.map(({ version }) => homeOf(version)))) {
    const publications = everything.filter(({ version }) => homeOf(version) === database);
    const renamed = everyRenamed.filter((each) => each.database === database).map(({ sql }) => sql);
    const guilty = await guiltyIn(connection, database, publications, renamed);
    if (guilty) return guilty;
  }
  return undefined;
}

async function guiltyIn(
  connection: Connection,
  database: string,
  publications: readonly Publication[],
  renamed: readonly string[],
): Promise<{ readonly node: NodeId; readonly message: string } | undefined> {
  let guilty: { readonly node: NodeId; readonly message: string } | undefined;
  const rehearsal = new Error('rehearsal');
  await connection
    .transaction(async () => {
      for (const { sql, node } of publishingSql(publications, [{ database, sql: renamed.join('\n') }])) {
        try {
          if (sql !== '') await connection.run(sql);
        } catch (error) {
          if (!(error instanceof EngineError)) throw error;
          if (node) guilty = { node, message: error.message.split('\n')[0] ?? '' };
          throw rehearsal;
        }
      }
      throw rehearsal;
    })
    .catch((error: unknown) => {
      if (error !== rehearsal) throw error;
    });
  return guilty;
}
