/** What an engine complains about, as it may be told to whoever reads terminals, logs and artifacts. */
import { isNearPersonal, type Manifest } from '../compile/manifest.ts';
import { EngineError } from '../core/engine-error.ts';
import type { NodeId } from '../core/node-id.ts';
import { withoutQuotedValues } from '../core/quoted-values.ts';
import { SeedError } from './seed-problem.ts';

/** Without the values it quotes where those may be personal data: of these nodes, of any when absent. */
export function toldError(error: EngineError, manifest: Manifest, ids?: readonly NodeId[]): EngineError {
  if (!quotesPersonal(manifest, ids)) return error;
  if (error instanceof SeedError) return error.withoutValues();
  return new EngineError(withoutQuotedValues(error.message), error.kind, error);
}

/** The same of its words alone. */
export const toldMessage = (message: string, manifest: Manifest, ids?: readonly NodeId[]): string =>
  quotesPersonal(manifest, ids) ? withoutQuotedValues(message) : message;

const quotesPersonal = (manifest: Manifest, ids?: readonly NodeId[]): boolean =>
  isNearPersonal(manifest, ids ?? [...Object.keys(manifest.nodes), ...Object.keys(manifest.sources)]);
