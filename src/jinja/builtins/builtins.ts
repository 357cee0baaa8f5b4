import type { Value } from '../contract.ts';
import { COLLECTION_BUILTINS } from './collections.ts';
import { FLOW_BUILTINS } from './flow.ts';
import { FORMAT_BUILTINS } from './formats.ts';
import { modules } from './modules.ts';

/** What every template can use without anybody handing it in. Scopes go first, so a macro of the same name wins. */
export const builtins: ReadonlyMap<string, Value> = new Map<string, Value>([
  ...Object.entries(COLLECTION_BUILTINS),
  ...Object.entries(FORMAT_BUILTINS),
  ...Object.entries(FLOW_BUILTINS),
  ['modules', modules],
]);
