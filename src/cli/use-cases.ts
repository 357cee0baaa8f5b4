import type { Answer, SpecificOptions, UseCase, UseCaseName, UseCases } from '../app/contract.ts';

/** Loads one use case, and with it DuckDB and the rest, only when it is called. */
export const useCase = <Name extends UseCaseName>(name: Name): Promise<UseCase<SpecificOptions<Name>, Answer<Name>>> =>
  loaders[name]();

const loaders: { readonly [Name in UseCaseName]: () => Promise<UseCases[Name]> } = {
  run: async () => (await import('../app/run.ts')).run,
  test: async () => (await import('../app/test.ts')).test,
  build: async () => (await import('../app/build.ts')).build,
  seed: async () => (await import('../app/seed.ts')).seed,
  snapshot: async () => (await import('../app/snapshot.ts')).snapshot,
  retry: async () => (await import('../app/retry.ts')).retry,
  plan: async () => (await import('../app/plan.ts')).plan,
  explainTests: async () => (await import('../app/explain-tests.ts')).explainTests,
  compile: async () => (await import('../app/compile.ts')).compile,
  parse: async () => (await import('../app/parse.ts')).parse,
  ls: async () => (await import('../app/ls.ts')).ls,
  show: async () => (await import('../app/show.ts')).show,
  debug: async () => (await import('../app/debug.ts')).debug,
  sourceFreshness: async () => (await import('../app/source-freshness.ts')).sourceFreshness,
  history: async () => (await import('../app/history.ts')).history,
  versions: async () => (await import('../app/versions.ts')).versions,
  rollback: async () => {
    const { openedEarly } = await import('../app/opened-early.ts');
    return openedEarly(async () => (await import('../app/rollback.ts')).rollback);
  },
  verify: async () => (await import('../app/verify.ts')).verify,
  diff: async () => (await import('../app/diff.ts')).diff,
  clone: async () => (await import('../app/clone.ts')).clone,
  promote: async () => (await import('../app/promote.ts')).promote,
  lineage: async () => (await import('../app/lineage.ts')).lineage,
  openLineage: async () => (await import('../app/open-lineage.ts')).openLineage,
  impact: async () => (await import('../app/impact.ts')).impact,
  inspect: async () => (await import('../app/inspect.ts')).inspect,
  coverage: async () => (await import('../app/coverage.ts')).coverage,
  ci: async () => (await import('../app/ci.ts')).ci,
  docsGenerate: async () => (await import('../app/docs-generate.ts')).docsGenerate,
  docsServe: async () => (await import('../app/docs-serve.ts')).docsServe,
  runOperation: async () => (await import('../app/run-operation.ts')).runOperation,
  clean: async () => (await import('../app/clean.ts')).clean,
  init: async () => (await import('../app/init.ts')).init,
};
