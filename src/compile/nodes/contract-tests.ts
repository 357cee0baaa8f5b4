/** The constraints of an enforced contract that no table can carry, as data tests that block publishing. */
import type { Json } from '../../core/node-id.ts';
import type { DataTestItem } from '../../project/project.ts';
import type { Constraint, GraphNode } from '../manifest.ts';

export interface ContractTest {
  readonly item: DataTestItem;
  /** null when the test is about the whole model. */
  readonly column: string | null;
  /** Where in the model's entry the constraint is written; columns by name. */
  readonly constraint: { readonly column: string | null; readonly index: number };
}

/** What is wrong with a constraint, so that there is no test for it. */
export interface Uncheckable {
  readonly constraint: ContractTest['constraint'];
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly hint: string;
}

/** The table's own constraints hold there; DuckDB's foreign keys do not: they let a parent be neither dropped nor replaced. */
const CARRIES_CONSTRAINTS = ['table', 'incremental'];

/** Tests of foreign keys, and, where the model is not a table, of all constraints. None without an enforced contract. */
export function contractTests(node: GraphNode): readonly (ContractTest | Uncheckable)[] {
  if (!node.contract.enforced) return [];
  const isTable = CARRIES_CONSTRAINTS.includes(node.config.materialized);
  const testsOf = (constraint: Constraint, column: string | null, index: number) => {
    const place = { column, index };
    const columns = column === null ? constraint.columns : [column];
    if (constraint.type === 'foreign_key') return [foreignKey(constraint, columns, place)];
    return isTable ? [] : ownTests(constraint, columns, place);
  };
  return [
    ...node.constraints.flatMap((constraint, index) => testsOf(constraint, null, index)),
    ...Object.values(node.columns).flatMap(({ name, constraints }) =>
      constraints.flatMap((constraint, index) => testsOf(constraint, name, index)),
    ),
  ];
}

type Place = ContractTest['constraint'];

function ownTests(constraint: Constraint, columns: readonly string[], place: Place): (ContractTest | Uncheckable)[] {
  const notNull = columns.map((column) => made('not_null', {}, place, column));
  switch (constraint.type) {
    case 'not_null':
      return notNull;
    case 'unique':
      return [unique(columns, place)];
    case 'primary_key':
      return [...notNull, unique(columns, place)];
    case 'check':
      // As in a table, a condition that is NULL is not broken.
      return [
        made('expression_is_true', { expression: constraint.expression ?? 'true' }, place, null, { on_null: 'ignore' }),
      ];
    case 'custom':
      return [
        {
          constraint: place,
          severity: 'warning',
          message: `nothing checks the constraint \`${constraint.expression ?? ''}\`: a model that is not a table cannot carry it`,
          hint: 'write it as a `check`, or make the model a table',
        },
      ];
    case 'foreign_key':
      return [];
    default:
      return constraint.type satisfies never;
  }
}

function unique(columns: readonly string[], place: Place): ContractTest {
  const [only] = columns;
  return columns.length === 1 && only !== undefined
    ? made('unique', {}, place, only)
    : made('unique_combination', { columns, ignore_row_if: 'any_value_is_missing' }, place, null);
}

function foreignKey(constraint: Constraint, columns: readonly string[], place: Place): ContractTest | Uncheckable {
  const { to, fields } = referredTo(constraint);
  if (to === null || fields.length !== columns.length || columns.length === 0)
    return {
      constraint: place,
      severity: 'error',
      message: 'this foreign key does not say which columns of which relation it refers to, one for each of its own',
      hint: "e.g. to: ref('customers'), to_columns: [id]",
    };
  const [column, field] = [columns[0], fields[0]];
  return columns.length === 1 && column !== undefined && field !== undefined
    ? made('relationships', { to, field }, place, column)
    : made('foreign_key', { columns, to, to_columns: fields }, place, null);
}

/** dbt's newer spelling is `to` and `to_columns`; the older one an expression: `raw.customers (id)`. */
function referredTo({ to, to_columns, expression }: Constraint): { to: string | null; fields: readonly string[] } {
  if (to !== null) return { to, fields: to_columns };
  const [, relation = null, list = ''] =
    /^\s*(?:references\s+)?([^()]+?)\s*\(([^()]+)\)\s*$/i.exec(expression ?? '') ?? [];
  return {
    to: relation,
    fields: list
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  };
}

function made(
  test: string,
  args: Readonly<Record<string, Json>>,
  constraint: Place,
  column: string | null,
  config: Readonly<Record<string, Json>> = {},
): ContractTest {
  return {
    // Whatever the project's tree says about tests, a contract is not a warning and has no exceptions.
    item: { [test]: { arguments: args, config: { ...ALWAYS, ...config } } },
    column,
    constraint,
  };
}

const ALWAYS = { enabled: true, severity: 'error', error_if: '!= 0', where: null, limit: null };
