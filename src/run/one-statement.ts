import { EngineError } from '../core/engine-error.ts';
import { PIECES } from './sql-pieces.ts';

/**
 * The SQL of a node without semicolons behind it. Throws EngineError where a second statement follows: built as a view or a table, only
 * the first would count.
 */
export function oneStatement(sql: string): string {
  if (!sql.includes(';')) return sql;
  let end: number | undefined;
  let blanked = sql;
  for (const { 0: piece, index } of sql.matchAll(PIECES)) {
    if (piece === ';') end ??= index;
    else if (piece.startsWith('--') || piece.startsWith('/*'))
      blanked = blanked.slice(0, index) + ' '.repeat(piece.length) + blanked.slice(index + piece.length);
  }
  if (end === undefined) return sql;
  const rest = /[^\s;]/.exec(blanked.slice(end));
  if (rest === null) return sql.slice(0, end) + sql.slice(end).replaceAll(';', '');
  throw new EngineError('a second statement follows here, but a node is one query', 'parser', {
    offset: end + rest.index,
    statement: sql,
  });
}
