/**
 * Tests that need not be asked: their columns are copied from columns of which the same was found true in this run, or in an earlier one
 * over the same content. Only of what this run built whole, by the definition of today, from what it reads now.
 */
import type { CheckSql } from '../../checks/check.ts';
import { claimOf, type TestClaim } from '../../checks/test-claim.ts';
import type { GraphNode, Manifest } from '../../compile/manifest.ts';
import type { NodeId } from '../../core/node-id.ts';
import type { Column, Connection } from '../../engine/engine.ts';
import { type ColumnClaim, follows, type InheritedClaim, inheritedClaims } from '../../lineage/inherited-claims.ts';
import { analyseQuery } from '../../lineage/lineage.ts';
import { inputsOf } from '../../plan/plan-run.ts';
import type { ObjectOf } from '../../run/context.ts';
import { parsed } from '../opening/parsed-sql.ts';
import { costOfReading, type SqlOf } from '../warehouse/test-relations.ts';

export interface Provable {
  readonly node: GraphNode;
  readonly check: CheckSql;
  readonly subject: NodeId;
}

/** What stands for nodes while tests are asked. */
export interface Standing {
  readonly objectOf: ObjectOf;
  /** Rows of what stands for a node, where they were counted. */
  readonly rowsOf: (id: NodeId) => number | undefined;
  readonly isNew: (id: NodeId) => boolean;
  /** Whether a test is known to find no failure in what stands now. */
  readonly isTrue: (test: NodeId) => boolean;
  readonly columnsOf: (object: string) => Promise<readonly Column[] | undefined>;
  readonly connection: Connection;
}

/** From so many rows on, reading the SQL is cheaper than asking. */
const WORTH = 50_000;

export class InheritedProofs {
  readonly #manifest: Manifest;
  readonly #sqlOf: SqlOf;
  readonly #inherited = new Map<string, Promise<readonly InheritedClaim[]>>();
  #tests:
    | ReadonlyMap<NodeId, readonly { readonly id: NodeId; readonly name: string; readonly claim: TestClaim }[]>
    | undefined;

  constructor(manifest: Manifest, sqlOf: SqlOf) {
    this.#manifest = manifest;
    this.#sqlOf = sqlOf;
  }

  /** The tests that are proved, each with the reason. */
  async of(tests: readonly Provable[], standing: Standing): Promise<ReadonlyMap<NodeId, string>> {
    const proved: { readonly test: Provable; readonly because: string }[] = [];
    for (const test of tests) {
      const claim = this.#isWorth(test, standing) ? claimOf(test.node) : undefined;
      if (!claim || !this.#maybe(test.subject, claim, new Set())) continue;
      const known = (await this.#claimsInherited(test.subject, standing)).find((one) => follows(claim, one));
      if (known) proved.push({ test, because: reasonOf(known) });
    }
    const considered = await hasRows(
      proved.map(({ test }) => test.check),
      standing.connection,
    );
    return new Map(proved.flatMap(({ test, because }, at) => (considered[at] ? [[test.node.unique_id, because]] : [])));
  }

  #isWorth({ subject, check }: Provable, { rowsOf }: Standing): boolean {
    const materialized = this.#manifest.nodes[subject]?.config.materialized;
    if (materialized === 'view') return costOfReading(this.#manifest, subject, this.#sqlOf) !== undefined;
    const isFromStatistics = check.question.kind === 'rows' && check.question.prunable === true;
    return !isFromStatistics && (rowsOf(subject) ?? 0) >= WORTH;
  }

  /** Whether something above has a test of the kind at all: cheap, and mostly no. */
  #maybe(id: NodeId, claim: TestClaim, seen: Set<NodeId>): boolean {
    return inputsOf(this.#manifest, id).some((parent) => {
      if (seen.has(parent)) return false;
      seen.add(parent);
      const isTested = this.#testsOf(parent).some(
        (test) => test.claim.kind === claim.kind && test.claim.what === claim.what,
      );
      return isTested || this.#maybe(parent, claim, seen);
    });
  }

  #testsOf(id: NodeId): readonly ClaimingTest[] {
    this.#tests ??= claimingTests(this.#manifest);
    return this.#tests.get(id) ?? [];
  }

  async #claims(id: NodeId, standing: Standing): Promise<readonly ColumnClaim[]> {
    const own = this.#testsOf(id)
      .filter((test) => standing.isTrue(test.id))
      .map(({ name, claim }): ColumnClaim => ({ ...claim, because: [`\`${name}\` passed`] }));
    return [...own, ...(await this.#claimsInherited(id, standing))];
  }

  #claimsInherited(id: NodeId, standing: Standing): Promise<readonly InheritedClaim[]> {
    const node = this.#manifest.nodes[id];
    const object = standing.objectOf(id);
    if (!node || object === undefined || !isBuiltAsWritten(node) || !standing.isNew(id)) return Promise.resolve([]);
    const known = this.#inherited.get(object) ?? this.#read(id, standing);
    this.#inherited.set(object, known);
    return known;
  }

  async #read(id: NodeId, standing: Standing): Promise<readonly InheritedClaim[]> {
    const sql = this.#sqlOf(id);
    const [tree] = sql === undefined ? [] : await parsed([sql], standing.connection);
    if (!tree) return [];
    const columns = new Map<string, readonly Column[]>();
    const claims = new Map<string, readonly ColumnClaim[]>();
    for (const parent of inputsOf(this.#manifest, id)) {
      const node = this.#manifest.nodes[parent];
      const object = standing.objectOf(parent);
      // Files and tables of others can change while a run goes on.
      if (!node || object === undefined) continue;
      const key = keyOf(node.schema, node.alias);
      columns.set(key, (await standing.columnsOf(object)) ?? []);
      claims.set(key, await this.#claims(parent, standing));
    }
    const lineage = analyseQuery(tree, { columnsOf: ({ schema, name }) => columns.get(keyOf(schema, name)) });
    return inheritedClaims(lineage, ({ schema, name }) => claims.get(keyOf(schema, name)) ?? []);
  }
}

export interface ClaimingTest {
  readonly id: NodeId;
  readonly name: string;
  readonly claim: TestClaim;
}

/** The tests of each node that say something a copy can inherit. */
export function claimingTests(manifest: Manifest): ReadonlyMap<NodeId, readonly ClaimingTest[]> {
  const found = new Map<NodeId, ClaimingTest[]>();
  for (const test of Object.values(manifest.nodes)) {
    const claim = test.resource_type === 'test' ? claimOf(test) : undefined;
    if (!claim || typeof test.attached_node !== 'string') continue;
    const list = found.get(test.attached_node) ?? [];
    list.push({ id: test.unique_id, name: test.name, claim });
    found.set(test.attached_node, list);
  }
  return found;
}

const keyOf = (schema: string | undefined, name: string): string => `${schema ?? ''}.${name}`.toLowerCase();

/** Whole, by its SQL alone: no hook changes it, no contract converts its columns. */
export const isBuiltAsWritten = ({ config, contract }: GraphNode): boolean =>
  ['table', 'view'].includes(config.materialized) &&
  !contract.enforced &&
  ['pre-hook', 'post-hook', 'pre_hook', 'post_hook'].every((key) => {
    const hooks = config[key] ?? [];
    return Array.isArray(hooks) && hooks.length === 0;
  });

const reasonOf = ({ from, because }: InheritedClaim): string =>
  `copied from ${from.map(({ relation, columns }) => `${relation.name}.${columns.join(', ')}`).join(' and ')}: ${because.join(', ')}`;

/** A test that has no row to consider is vacuous, proved or not. */
async function hasRows(checks: readonly CheckSql[], connection: Connection): Promise<readonly boolean[]> {
  if (checks.length === 0) return [];
  const found = checks.map(({ looking, relation }) => {
    const from = looking?.from ?? relation;
    return `exists(select 1 from ${from}${looking?.condition ? ` where ${looking.condition}` : ''})`;
  });
  const { rows } = await connection.query(`select ${found.join(',\n  ')}`);
  return found.map((_, at) => rows[0]?.[at] === true);
}
