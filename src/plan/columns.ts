/** Column lists with the constraints of an enforced contract, and what a contract says about a query's columns. */

import type { Constraint, GraphNode } from '../compile/manifest.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import { quotedIdentifier } from '../core/quote.ts';
import type { Column } from '../engine/engine.ts';

/** `(id integer not null, …, primary key (id))`, in the query's column order, types from the contract when it is enforced. */
export function columnList(node: GraphNode, columns: readonly Column[], extra: readonly string[] = []): string {
  const lines = columns.map((column) => {
    const declared = declaredColumn(node, column.name);
    const type = node.contract.enforced && declared?.data_type ? declared.data_type : column.type;
    const rules = (declared?.constraints ?? []).map(columnConstraint).filter((rule) => rule !== '');
    return [quotedIdentifier(column.name), type, ...rules].join(' ');
  });
  const rules = node.constraints.map(tableConstraint).filter((rule) => rule !== '');
  return `(\n  ${[...lines, ...extra, ...rules].join(',\n  ')}\n)`;
}

/** Whether a table must be created with its columns spelled out before rows go in. */
export const hasConstraints = (node: GraphNode): boolean =>
  node.contract.enforced ||
  node.constraints.length > 0 ||
  Object.values(node.columns).some((column) => column.constraints.length > 0);

/**
 * What an enforced contract has against a query: names, number and types (compared as the engine spells them, aliases resolved by
 * the caller through `canonicalTypes`: declared type → engine's spelling). Order does not matter, as in dbt.
 */
export function contractBreaches(
  node: GraphNode,
  columns: readonly Column[],
  canonicalTypes: ReadonlyMap<string, string>,
): readonly ContractBreach[] {
  const found = new Map(columns.map((column) => [column.name.toLowerCase(), column]));
  const declared = Object.values(node.columns);
  const breaches = declared.flatMap((column): ContractBreach[] => {
    const actual = found.get(column.name.toLowerCase());
    const wanted =
      column.data_type === null ? null : (canonicalTypes.get(column.data_type) ?? column.data_type.toUpperCase());
    if (!actual) return [{ column: column.name, declared: wanted ?? '', actual: '', problem: 'missing in the query' }];
    if (wanted === null)
      return [{ column: column.name, declared: '', actual: actual.type, problem: 'the contract has no data_type' }];
    return actual.type === wanted
      ? []
      : [{ column: column.name, declared: wanted, actual: actual.type, problem: 'data type mismatch' }];
  });
  const names = new Set(declared.map((column) => column.name.toLowerCase()));
  const strangers = columns
    .filter((column) => !names.has(column.name.toLowerCase()))
    .map((column) => ({ column: column.name, declared: '', actual: column.type, problem: 'missing in the contract' }));
  return [...breaches, ...strangers];
}

export interface ContractBreach {
  readonly column: string;
  readonly declared: string;
  readonly actual: string;
  readonly problem: string;
}

export function contractDiagnostic(node: GraphNode, breaches: readonly ContractBreach[]): Diagnostic {
  return {
    code: 'plan/contract-broken',
    severity: 'error',
    message: `\`${node.name}\` does not keep its contract: ${breaches.length === 1 ? 'one column differs' : `${breaches.length} columns differ`}`,
    at: { file: node.original_file_path, start: 0, end: 0 },
    notes: breaches.map(
      (breach) =>
        `${breach.column}: ${breach.problem}${breach.declared ? `, contract ${breach.declared}` : ''}${breach.actual ? `, query ${breach.actual}` : ''}`,
    ),
    hint: 'change the query (a cast is often enough) or the columns in the property file; nothing was published',
  };
}

const declaredColumn = (node: GraphNode, name: string) =>
  node.columns[name] ?? Object.values(node.columns).find((column) => column.name.toLowerCase() === name.toLowerCase());

// A foreign key is a blocking relationship test instead: DuckDB lets a referenced table be neither dropped nor replaced.
function columnConstraint(constraint: Constraint): string {
  switch (constraint.type) {
    case 'not_null':
      return 'not null';
    case 'unique':
      return 'unique';
    case 'primary_key':
      return 'primary key';
    case 'check':
      return `check (${constraint.expression ?? 'true'})`;
    case 'custom':
      return constraint.expression ?? '';
    case 'foreign_key':
      return '';
    default:
      return constraint.type satisfies never;
  }
}

function tableConstraint(constraint: Constraint): string {
  const columns = constraint.columns.map(quotedIdentifier).join(', ');
  const named = constraint.name ? `constraint ${quotedIdentifier(constraint.name)} ` : '';
  switch (constraint.type) {
    case 'unique':
      return `${named}unique (${columns})`;
    case 'primary_key':
      return `${named}primary key (${columns})`;
    case 'check':
      return `${named}check (${constraint.expression ?? 'true'})`;
    case 'custom':
      return `${named}${constraint.expression ?? ''}`;
    case 'not_null': // on the table level it only repeats what the columns say
    case 'foreign_key':
      return '';
    default:
      return constraint.type satisfies never;
  }
}
