/** What a project's folder says about flags, known before anything of the project is read in earnest. */
import { readDotenv } from '../disk/dotenv.ts';

export interface ProjectFlags {
  /** The shell's variables over those of `.env`. */
  readonly environment: Readonly<Record<string, string>>;
  /** `flags:` of project.yml, each value as its environment variable would be written. */
  readonly flags: Readonly<Record<string, string>>;
}

/**
 * Reads leniently: what is wrong with these files is said when the project is opened.
 * @param read the text of a file in the project's folder; undefined when it cannot be read
 */
export async function projectFlags(
  shell: Readonly<Record<string, string>>,
  read: (name: string) => string | undefined,
): Promise<ProjectFlags> {
  const dotenv = read('.env');
  const settings = read('project.yml') ?? read('project.yaml') ?? read('dbt_project.yml') ?? read('dbt_project.yaml');
  return {
    environment:
      dotenv === undefined ? shell : { ...readDotenv({ path: '.env', text: dotenv }, shell).value, ...shell },
    // Few projects have flags, and reading all of their settings twice costs milliseconds.
    flags:
      settings !== undefined && /^flags\s*:/m.test(settings)
        ? (await import('./opening/flags-in-settings.ts')).flagsIn(settings)
        : {},
  };
}
