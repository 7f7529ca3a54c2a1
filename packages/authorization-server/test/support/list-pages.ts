import { loadSpecification } from '@aipassport/contracts';

const specified = loadSpecification('authorization-server').document as unknown as {
  readonly paths: Readonly<
    Record<string, { readonly get?: { readonly responses: Readonly<Record<string, { readonly $ref?: string }>> } }>
  >;
};

/**
 * Lists the paths and queries of the pages that a signed-in operator can open.
 *
 * @param parameters the values of the parameters in the templates of the paths. Pages with other parameters are
 * left out. `client_id` is used only for the pages on which an operator confirms a change of this client. Pages with
 * `{client_id}` in their path are left out.
 */
export function listPages(parameters: Readonly<Record<string, string>>): readonly string[] {
  const { client_id: subject = '', account_id: accountId = '', grant_id: grantId = '' } = parameters;
  const values: Readonly<Record<string, string>> = { name: 'admin', ...parameters, client_id: '' };
  const pages = Object.entries(specified.paths)
    .filter(([, { get }]) => get?.responses['200']?.$ref?.endsWith('/Page'))
    .map(([template]) => template.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] || whole))
    .filter((address) => !address.includes('{'));
  const changes = ['block_client', 'approve_client'].map((act) => ({ act, subject }));
  const all = [...changes, { act: 'let_invite', subject: accountId }];
  return [
    ...pages,
    ...all.map((change) => `/operator/change?${new URLSearchParams(change)}`),
    ...['max_cost_usd', 'account'].map((limit) => `/account/grants/${grantId}/limits?limit=${limit}`),
  ];
}
