import type { Checked, Diagnostic } from '../core/diagnostic.ts';
import { didYouMean } from '../core/nearest.ts';
import { positionAt, type SourceFile } from '../core/source.ts';
import { builtins } from './builtins/builtins.ts';
import { compilation } from './compile/compilation.ts';
import { Program } from './compile/program.ts';
import type { Block, Template, TemplateOptions } from './contract.ts';
import { FILTERS } from './filters/filters.ts';
import { TESTS } from './filters/tests.ts';
import { Lexer } from './syntax/lexer.ts';
import type { Body, DocsNode, MacroNode } from './syntax/nodes.ts';
import { StatementParser } from './syntax/statement-parser.ts';
import { Surveyor, type UnknownName } from './syntax/survey.ts';
import { SyntaxFailure } from './syntax/syntax-failure.ts';

/**
 * Parses a template. All mistakes that can be seen without rendering are diagnostics; with a syntax error among them there is no
 * template.
 */
export function parseTemplate(file: SourceFile, options: TemplateOptions = {}): Checked<Template | undefined> {
  const diagnose = diagnostics(file, options.offset ?? 0);
  const { body, failures } = parsed(file, options);
  if (failures.length > 0) return { value: undefined, diagnostics: failures.map(diagnose.failure) };
  const unit = {
    path: file.path,
    offset: options.offset ?? 0,
    mode: options.undefined ?? 'strict',
    escaping: false,
    text: file.text,
  } as const;
  const surveyor = new Surveyor({
    path: file.path,
    offset: unit.offset,
    knows,
    given: (name) => builtins.has(name),
  });
  try {
    const { calls, freeNames } = surveyor.template(body);
    const blocks = body.flatMap((node) =>
      node.typename === 'MacroBlock'
        ? [macroBlock(node, file, unit.offset, surveyor)]
        : node.typename === 'Docs'
          ? [docsBlock(node, file, unit.offset)]
          : [],
    );
    const problems = [
      ...surveyor.unknown.map(diagnose.unknown),
      ...surveyor.doubleBlocks.map((block) =>
        diagnose.failure(
          new SyntaxFailure('jinja/double-block', `There are two blocks \`${block.name}\`.`, block.start, block.end),
        ),
      ),
    ];
    const plain = body.every((node) => node.typename === 'Data');
    const program = new Program(file.path, body, unit, compilation);
    const value = { file, blocks, calls, freeNames, plain, program };
    const wrong = problems.some(({ severity }) => severity === 'error');
    return { value: wrong ? undefined : value, diagnostics: problems };
  } catch (error) {
    if (error instanceof RangeError) return { value: undefined, diagnostics: [diagnose.failure(tooDeep())] };
    throw error;
  }
}

const knows = {
  filter: (name: string) => FILTERS.has(name),
  test: (name: string) => TESTS.has(name),
};

function parsed(
  file: SourceFile,
  options: TemplateOptions,
): { readonly body: Body; readonly failures: readonly SyntaxFailure[] } {
  const lexer = new Lexer(file.text, {
    trimBlocks: options.trimBlocks ?? false,
    lstripBlocks: options.lstripBlocks ?? false,
    keepTrailingNewline: options.keepTrailingNewline ?? false,
    docsOnly: options.docsOnly ?? false,
  });
  const parser = new StatementParser(lexer);
  try {
    const body = parser.parseTemplate();
    return { body, failures: parser.failures };
  } catch (error) {
    // JavaScript's stack ended before the parser's own limits did.
    if (error instanceof RangeError) return { body: [], failures: [tooDeep()] };
    throw error;
  }
}

const tooDeep = () => new SyntaxFailure('jinja/too-deep', 'This template is nested too deeply.', 0, 0);

/** Makes diagnostics of what went wrong; offsets become those of the file. */
function diagnostics(file: SourceFile, offset: number) {
  const failure = (error: SyntaxFailure): Diagnostic => ({
    code: error.code,
    severity: 'error',
    message: error.message,
    at: {
      file: file.path,
      start: offset + error.start,
      end: offset + error.end,
    },
    label: error.label,
    hint: error.hint,
    notes: error.opened === undefined || offset !== 0 ? undefined : [openedNote(file, error.opened)],
  });
  const unknown = ({ kind, name, start, end, conditional }: UnknownName): Diagnostic => ({
    code: `jinja/unknown-${kind}`,
    // Inside a condition Jinja2 only fails when the branch is taken.
    severity: conditional ? 'warning' : 'error',
    message: `There is no ${kind} \`${name}\`.`,
    at: { file: file.path, start: offset + start, end: offset + end },
    hint: didYouMean(name, kind === 'filter' ? FILTERS.keys() : TESTS.keys()),
  });
  return { failure, unknown };
}

function openedNote(file: SourceFile, opened: { readonly tag: string; readonly start: number }): string {
  return `the innermost open block is \`${opened.tag}\`, opened in line ${positionAt(file.text, opened.start).line}`;
}

function macroBlock(node: MacroNode, file: SourceFile, offset: number, surveyor: Surveyor): Block {
  return {
    kind: node.kind,
    name: node.name,
    parameters: node.parameters.map(({ name, defaultValue }) => ({
      name,
      hasDefault: defaultValue !== undefined,
    })),
    options: node.options,
    ...placed(node, file, offset),
    ...surveyor.definition(node),
  };
}

function docsBlock(node: DocsNode, file: SourceFile, offset: number): Block {
  return {
    kind: 'docs',
    name: node.name,
    parameters: [],
    options: {},
    calls: [],
    freeNames: [],
    ...placed(node, file, offset),
  };
}

function placed(node: MacroNode | DocsNode, file: SourceFile, offset: number) {
  return {
    at: { file: file.path, start: offset + node.start, end: offset + node.end },
    text: file.text.slice(node.start, node.end),
    body: file.text.slice(node.bodyStart, node.bodyEnd),
    bodyStart: offset + node.bodyStart,
  };
}
