/** The project for commands that live by the ledger: looking back, and going back, are for the day when models do not compile. */
import { DqlError } from '../core/diagnostic.ts';
import type { NodeId } from '../core/node-id.ts';
import type { Project } from '../project/project.ts';
import type { CommonOptions, Hooks } from './contract.ts';
import { readProject } from './read-project.ts';

/** Only what keeps the target from being found is judged: nothing else of the project is looked at. */
export async function projectOfTarget(options: CommonOptions, hooks: Hooks): Promise<Project> {
  const { value: project, diagnostics } = await readProject(options);
  const wrong = diagnostics.filter(
    ({ severity, code, at }) =>
      severity === 'error' &&
      !code.endsWith('unknown-key') &&
      (at === undefined || /(?:^|\/)(?:dbt_)?(?:project|profiles)\.ya?ml$/.test(at.file)),
  );
  if (wrong.length > 0) throw new DqlError(wrong);
  hooks.onProject?.({ describe: () => undefined, secrets: project.secrets });
  return project;
}

/** A node's name as its id tells it, without the hash of a test or the version of a model. */
export function nameInId(id: NodeId): string {
  const [kind, , ...rest] = id.split('.');
  const name = kind === 'unit_test' ? rest.slice(1).join('.') : rest.join('.');
  return (kind === 'test' ? name.replace(/\.[0-9a-f]{10}$/, '') : name.replace(/\.v[^.]+$/, '')) || id;
}
