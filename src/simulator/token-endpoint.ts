import type { Account } from './account.ts';
import type { Answer } from './answer.ts';
import type { Tokens } from './tokens.ts';

interface Accounts {
  accountsById: ReadonlyMap<string, Account>;
  serviceAccount: Account;
  tokens: Tokens;
}

/** How long a token is said to hold, in seconds, as Box does. */
const expiresIn = 3_600;

/**
 * What `POST /oauth2/token` answers to the grant of client credentials, whatever the client: a token of a user, or of the service
 * account for an enterprise.
 *
 * @see https://developer.box.com/reference/post-oauth2-token
 */
export function answerTokenRequest(body: string, { accountsById, serviceAccount, tokens }: Accounts): Answer {
  const form = new URLSearchParams(body);
  if (form.get('grant_type') !== 'client_credentials') {
    return refusal('unsupported_grant_type', 'The simulator knows client_credentials only');
  }
  const isUser = form.get('box_subject_type') === 'user';
  const account = isUser ? accountsById.get(form.get('box_subject_id') ?? '') : serviceAccount;
  const token = account && tokens.issue(account);
  if (token === undefined) return refusal('invalid_grant', 'Grant credentials are invalid');
  return {
    status: 200,
    body: { access_token: token, expires_in: expiresIn, restricted_to: [], token_type: 'bearer' },
  };
}

function refusal(error: string, description: string): Answer {
  return { status: 400, body: { error, error_description: description } };
}
