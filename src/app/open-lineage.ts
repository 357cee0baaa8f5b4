/** `dql lineage --output openlineage`: each model as an OpenLineage JobEvent, without a run and without a built warehouse. */

import { basename } from 'node:path';
import { type GraphNode, type Manifest, nodeOf } from '../compile/manifest.ts';
import { DqlError } from '../core/diagnostic.ts';
import type { NodeId } from '../core/node-id.ts';
import type { Column } from '../engine/engine.ts';
import type { QueryLineage, RelationName } from '../lineage/lineage.ts';
import { type DatasetName, type DescribedDataset, type JobEvent, jobEvent } from '../lineage/open-lineage.ts';
import { type ModelTexts, type ProjectLineage, withColumnLineage } from './columns/column-lineage.ts';
import type { LineageOptions, UseCases } from './contract.ts';
import { nodeLineage } from './lineage.ts';
import { findNode } from './opening/find-node.ts';
import { openProject } from './opening/open-project.ts';
import type { OpenedProject } from './opening/opened-project.ts';
import { ownerOf } from './opening/owner-of.ts';
import { liveWarehouse } from './warehouse/live-warehouse.ts';

export const openLineage: UseCases['openLineage'] = async (options, hooks) => {
  const opened = await openProject(options, 'lineage', hooks);
  const chosen = chosenNodes(opened.manifest, options);
  return withColumnLineage(opened, options, liveWarehouse(opened.project, options, hooks), async (lineage) => {
    const datasets = new Datasets(opened, lineage);
    const events: JobEvent[] = [];
    for (const { id, lineage: own, columns, texts } of lineage.models.values()) {
      const node = opened.manifest.nodes[id];
      if (!node || isEphemeral(node) || !(chosen === undefined || chosen.has(id))) continue;
      // An ephemeral model is no dataset: who reads it reads what it reads.
      const whole = node.depends_on.nodes.some((parent) => isEphemeral(opened.manifest.nodes[parent]))
        ? await writtenOut(lineage, id, texts)
        : own;
      events.push(
        jobEvent({
          eventTime: options.now.toISOString(),
          producer: `pkg:npm/dql-cli@${options.version}`,
          namespace: opened.project.root.name,
          name: id,
          jobType: node.resource_type.toUpperCase(),
          sql: texts.full,
          description: node.description,
          lineage: whole,
          inputs: datasets.read(whole.reads.map(({ relation }) => relation)),
          output: datasets.made(id, columns),
          datasetOf: (relation) => datasets.named(relation),
        }),
      );
    }
    return events;
  });
};

async function writtenOut(lineage: ProjectLineage, id: NodeId, texts: ModelTexts): Promise<QueryLineage> {
  const { full, incremental } = texts;
  return lineage.whole(
    id,
    (await lineage.analyse(full)).lineage,
    incremental === undefined ? undefined : (await lineage.analyse(incremental)).lineage,
  );
}

const isEphemeral = (node: GraphNode | undefined): boolean => node?.config.materialized === 'ephemeral';

/** The nodes around the one that was asked for; undefined: all. */
function chosenNodes(manifest: Manifest, options: Partial<LineageOptions>): ReadonlySet<NodeId> | undefined {
  const { of, upstream = true, downstream = true, depth } = options;
  if (of === undefined) return undefined;
  const { id, column } = findNode(manifest, of, ['model', 'seed', 'snapshot', 'source'], 'node');
  if (column !== undefined)
    throw new DqlError([
      {
        code: 'lineage/whole-models-only',
        severity: 'error',
        message: `an OpenLineage event is about a whole model, not about the column \`${column}\``,
        hint: `leave the column away: dql lineage ${of.slice(0, -column.length - 1)} --output openlineage`,
      },
    ]);
  return new Set(nodeLineage(manifest, id, { of, upstream, downstream, depth }).nodes.map((node) => node.id));
}

/** What relations are called in OpenLineage: those of the warehouse by its file and their full name, files by their path. */
class Datasets {
  readonly #opened: OpenedProject;
  readonly #lineage: ProjectLineage;
  readonly #namespace: string;

  constructor(opened: OpenedProject, lineage: ProjectLineage) {
    this.#opened = opened;
    this.#lineage = lineage;
    this.#namespace = `duckdb://${basename(opened.project.target.path)}`;
  }

  named(relation: RelationName): DatasetName {
    const id = this.#lineage.idOf(relation);
    const isFile = id === undefined && relation.schema === undefined && /[./\\(]/.test(relation.name);
    if (isFile) return { namespace: 'file', name: relation.name };
    const { database, schema } = this.#opened.project.target;
    const node = id === undefined ? undefined : nodeOf(this.#opened.manifest, id);
    return {
      namespace: this.#namespace,
      name:
        node && 'relation_name' in node && 'database' in node
          ? [node.database, node.schema, node.resource_type === 'source' ? node.identifier : node.alias].join('.')
          : [relation.database ?? database, relation.schema ?? schema, relation.name].join('.'),
    };
  }

  /** Each dataset once. */
  read(relations: readonly RelationName[]): readonly DescribedDataset[] {
    const found = new Map<string, DescribedDataset>();
    for (const relation of relations) {
      const name = this.named(relation);
      const id = this.#lineage.idOf(relation);
      found.set(JSON.stringify(name), {
        ...name,
        ...this.#described(id, id === undefined ? [] : this.#lineage.columns.get(id)),
      });
    }
    return [...found.values()];
  }

  made(id: NodeId, columns: readonly Column[]): DescribedDataset {
    const node = this.#opened.manifest.nodes[id];
    const { database = '', schema = '', alias: name = '' } = node ?? {};
    return { ...this.named({ database, schema, name }), ...this.#described(id, columns) };
  }

  #described(id: NodeId | undefined, columns: readonly Column[] = []): Omit<DescribedDataset, keyof DatasetName> {
    const { manifest } = this.#opened;
    const node = id === undefined ? undefined : (manifest.nodes[id] ?? manifest.sources[id]);
    const descriptions = new Map(
      Object.values(node?.columns ?? {}).map(({ name, description }) => [name.toLowerCase(), description]),
    );
    return {
      columns: columns.map((column) => ({ ...column, description: descriptions.get(column.name.toLowerCase()) })),
      description: node?.description,
      owner: id === undefined ? undefined : ownerOf(manifest, id),
    };
  }
}
