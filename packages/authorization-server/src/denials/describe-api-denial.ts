import { apiTokenPrefix } from '@aipassport/contracts';
import { paths } from '../endpoints.js';
import type { Denial } from './denial.js';
import type { DenialAnswer } from './denial-answer.js';

/** The reasons for which the JSON API refuses a request. */
export type ApiDenial = Extract<Denial, { readonly reason: `api_${string}` }>;

export function describeApiDenial(denial: ApiDenial): DenialAnswer {
  switch (denial.reason) {
    case 'api_token_missing': {
      const message = `Send an API token as \`Authorization: Bearer <token>\`. Its owner makes it on the page ${paths.accountTokens}.`;
      // RFC 6750 section 3: the challenge names no error when there was no token.
      return { status: 401, code: 'invalid_token', message, challenge: 'Bearer' };
    }
    case 'api_token_foreign':
      return badToken(
        `This is not an API token. The access token of an app opens the resource proxy only. The owner makes API tokens, which begin with ${apiTokenPrefix}, on the page ${paths.accountTokens}.`,
      );
    case 'api_token_inactive':
      return badToken('This API token does not exist, has expired, or was removed.');
    case 'api_scope_missing': {
      const challenge = `Bearer error="insufficient_scope", scope="${denial.scope}"`;
      const message = `The API token needs the permission ${denial.scope}.`;
      return { status: 403, code: 'insufficient_scope', message, challenge };
    }
    case 'api_value_invalid': {
      const { wrong } = denial;
      const message = wrong.map(({ member, rule }) => `${member}: ${rule}`).join('; ');
      // `member` repeats the first entry of `errors`, for programs that were written before `errors` existed.
      const details = { member: wrong[0].member, errors: wrong };
      return { status: 400, code: 'invalid_request', message, details };
    }
    case 'api_raise_refused': {
      const message =
        'A token can only take access away. To raise a limit, to extend access or to add to it, the owner must sign in.';
      return { status: 403, code: 'raise_refused', message, details: { see: denial.see } };
    }
    case 'api_conflict':
      return { status: 409, code: 'conflict', message: denial.problem };
    case 'api_object_unknown':
      return { status: 404, code: 'not_found', message: 'This account has no object with this identifier.' };
  }
}

function badToken(message: string): DenialAnswer {
  return { status: 401, code: 'invalid_token', message, challenge: 'Bearer error="invalid_token"' };
}
