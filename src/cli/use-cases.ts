import type { Answer, SpecificOptions, UseCase, UseCaseName, UseCases } from '../app/contract.ts';

/**
 * Loads one use case, and with it DuckDB and the rest, only when it is called. By the house's rule `docsGenerate` lives in
 * app/docs-generate.ts under its own name; `src/app/` holds itself to `UseCases`.
 */
export async function useCase<Name extends UseCaseName>(
  name: Name,
): Promise<UseCase<SpecificOptions<Name>, Answer<Name>>> {
  const file = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  // A specifier that is computed gives `any`: the rule above is what types it.
  const module: Pick<UseCases, Name> = await import(`../app/${file}.ts`);
  return module[name];
}
