import type { Manifest } from '../../compile/manifest.ts';
import { readArtifact } from '../../disk/read-artifact.ts';
import { relationKey } from '../../ledger/names.ts';
import type { OpenedProject } from '../opening/opened-project.ts';

/** Relations that dbt's manifest says belong to this project. dql's own says nothing: parsing writes it, the ledger knows what was made. */
export function knownRelations({ targetFolder }: Pick<OpenedProject, 'targetFolder'>): ReadonlySet<string> {
  const before = readArtifact<Manifest>(targetFolder, 'manifest.json');
  if (!before || before.metadata['dql_version'] !== undefined) return new Set();
  return new Set(
    Object.values(before.nodes).flatMap((node) =>
      node.relation_name ? [relationKey({ database: node.database, schema: node.schema, alias: node.alias })] : [],
    ),
  );
}
