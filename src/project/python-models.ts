import type { Diagnostic } from '../core/diagnostic.ts';
import type { PackageContent } from './resource-files.ts';

/** dbt takes each `.py` file in a model folder for a model; dql has no Python to run it with, and says so. */
export function pythonModels({ folder, files }: PackageContent, modelPaths: readonly string[]): readonly Diagnostic[] {
  const inside = (path: string) => (folder === '' ? path : path.slice(folder.length + 1));
  return files
    .filter(
      ({ path }) =>
        path.endsWith('.py') && modelPaths.some((models) => models === '' || inside(path).startsWith(`${models}/`)),
    )
    .map(({ path }) => ({
      code: 'project/python-model',
      // A package may bring models that nobody here needs.
      severity: folder === '' ? 'error' : 'warning',
      message: `${path} is a Python model, and dql runs SQL only`,
      at: { file: path, start: 0, end: 0 },
      hint: 'write it in SQL, or name the file in .dqlignore if it is not meant to be a model',
    }));
}
