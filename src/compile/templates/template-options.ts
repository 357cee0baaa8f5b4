import type { TemplateOptions } from '../../jinja/jinja.ts';
import type { Project } from '../../project/project.ts';

/**
 * How templates of a package are read. Installed packages get Jinja2's own rule for undefined names, because many print a name
 * that only one branch sets; in the project's own files an undefined name is a mistake.
 */
export const templateOptions = (project: Project, packageName: string, offset = 0): TemplateOptions =>
  packageName === project.root.name ? { offset } : { offset, undefined: 'lenient' };
