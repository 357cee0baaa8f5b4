/** A project that was read, understood and compiled: what every command begins with. */
import type { Compiler } from '../../compile/compile.ts';
import type { Manifest } from '../../compile/manifest.ts';
import type { Diagnostic } from '../../core/diagnostic.ts';
import type { NodeId } from '../../core/node-id.ts';
import type { FileToWrite } from '../../disk/write-target.ts';
import type { Project, ProjectFiles } from '../../project/project.ts';
import type { Describe } from '../contract.ts';

export interface OpenedProject {
  readonly files: ProjectFiles;
  /** Names of the environment's variables that were asked for so far. */
  readonly variables: ReadonlySet<string>;
  readonly project: Project;
  readonly compiler: Compiler;
  readonly manifest: Manifest;
  /** A hash of all that the manifest was made of: equal for projects that are understood alike. */
  readonly manifestId: () => string;
  readonly describe: Describe;
  readonly warnings: readonly Diagnostic[];
  readonly invocationId: string;
  /** Absolute. */
  readonly targetFolder: string;
  /** Files that spare the next command what this one learnt; written with the artifacts. */
  readonly learnt: () => readonly FileToWrite[];
  /** Seconds it took. */
  readonly seconds: number;
  /** What the ledger of the warehouse file says that `--state` names; undefined when it names a folder, or nothing. */
  readonly earlier?: EarlierState | undefined;
  /** With `--defer`: what is read where this target has nothing. */
  readonly deferred?: EarlierState | undefined;
}

export interface EarlierState {
  readonly label: string;
  readonly manifest: Manifest;
  /** The warehouse it was read from; absolute. */
  readonly warehouse?: string;
  /** What it calls itself, and, where that is known, the files that it attaches, by what it calls them. */
  readonly database?: string;
  readonly attached?: ReadonlyMap<string, string>;
  /** Tests that failed there when they last ran, where its ledger was read. */
  readonly failing?: ReadonlySet<NodeId>;
}
