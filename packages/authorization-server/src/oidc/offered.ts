/** What this server offers of each choice in a client's metadata. The first of a single choice is the default. */
export const offered: Readonly<Record<OfferedMember, readonly string[]>> = {
  response_types: ['code'],
  response_modes: ['query'],
  grant_types: ['authorization_code', 'refresh_token'],
  token_endpoint_auth_method: ['client_secret_basic', 'client_secret_post', 'none'],
  application_type: ['web', 'native'],
  subject_type: ['public'],
  id_token_signed_response_alg: ['ES256'],
  authorization_details_types: ['ai_access'],
};

type OfferedMember =
  | 'response_types'
  | 'response_modes'
  | 'grant_types'
  | 'token_endpoint_auth_method'
  | 'application_type'
  | 'subject_type'
  | 'id_token_signed_response_alg'
  | 'authorization_details_types';
