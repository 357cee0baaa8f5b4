import { didYouMean } from '../../core/nearest.ts';
import { TemplateError } from '../values/template-error.ts';

/** There is no such filter. */
export const unknownFilter = (name: string, known: Iterable<string>) =>
  new TemplateError(`There is no filter \`${name}\`.`, {
    code: 'jinja/unknown-filter',
    hint: didYouMean(name, known),
  });

/** There is no such test. */
export const unknownTest = (name: string, known: Iterable<string>) =>
  new TemplateError(`There is no test \`${name}\`.`, {
    code: 'jinja/unknown-test',
    hint: didYouMean(name, known),
  });
