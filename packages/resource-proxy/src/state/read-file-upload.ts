import { hasFields, type OperationOf } from '@aipassport/policy';
import { Denied } from '../denials/denial.js';
import { type FormFile, readForm } from '../multipart/read-form.js';
import { writeForm } from '../multipart/write-form.js';
import { describeForm, findOccurrence } from '../preparing/prepare-form.js';
import type { RequestRules } from '../preparing/request-rules.js';
import { sortFields } from '../preparing/sort-fields.js';
import type { BodyBytes } from '../reading/body-bytes.js';
import { upstreamApis } from '../upstreams/upstream-apis.js';
import type { StateBody } from './read-state-body.js';

export interface FileUpload {
  readonly body: BodyBytes;
  readonly boundary: string;
  readonly operation: OperationOf<'state'>;
}

/**
 * Reads the form that uploads a file, and writes it anew, so that the vendor reads exactly what was checked. The form
 * always asks the vendor to delete the file after some time. So no file stays in the owner's account for ever, even if
 * the grant ends, or if this process ends before the file is recorded.
 *
 * @throws Denied
 */
export function readFileUpload(
  { requestRules }: { readonly requestRules: RequestRules },
  { body: received, boundary, operation }: FileUpload,
): StateBody {
  const table = hasFields(operation.form) ? requestRules.tableOf(operation.form) : {};
  const form = readForm(received.takePieces(), boundary, (name) => findOccurrence(table, name));
  const fields = describeForm(form, table);
  const { canonicalName } = upstreamApis[operation.dialect];
  const left = sortFields(fields, { ...requestRules, table, canonicalName, bodyFacts: { capabilities: new Set() } });
  left.remove();
  const file = form.files.find(({ name }) => name === 'file');
  if (file === undefined) throw new Denied({ reason: 'form_malformed', problem: 'file_missing' });
  const { bytes, contentType } = writeUpload(file, fields);
  form.discard();
  return { bytes, contentType, tokens: 0, pictures: 0, capabilities: new Set(), dropped: left.reported };
}

/** The vendor's maximum. The proxy forgets the file after the same time: see `keptDays`. */
const mostSeconds = 2_592_000;

function writeUpload(file: FormFile, fields: ReturnType<typeof describeForm>) {
  const { purpose, 'expires_after[seconds]': seconds } = fields;
  return writeForm(
    [
      ...(typeof purpose === 'string' ? [['purpose', purpose] as const] : []),
      ['expires_after[anchor]', 'created_at'],
      ['expires_after[seconds]', String(typeof seconds === 'number' ? seconds : mostSeconds)],
    ],
    [file],
  );
}
