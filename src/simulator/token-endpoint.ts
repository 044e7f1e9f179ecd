import type { Account } from './account.ts';
import type { WholeAnswer } from './answer.ts';
import type { Application } from './application.ts';
import { claimsOf, JwtAssertions } from './jwt-assertion.ts';
import type { SimulatorRequest } from './requests.ts';
import type { Tokens } from './tokens.ts';

export interface TokenEndpointOptions {
  application: Application;
  accountsById: ReadonlyMap<string, Account>;
  serviceAccount: Account;
  tokens: Tokens;
  /** How long a token holds, in seconds. */
  expiresIn: number;
  /** Milliseconds since 1970. */
  now: () => number;
}

type Headers = SimulatorRequest['headers'];

/**
 * `POST /oauth2/token`, for each of the grants that give a token anew: client credentials, JWT, and those of OAuth.
 *
 * @see https://developer.box.com/reference/post-oauth2-token
 */
export class TokenEndpoint {
  readonly #options: TokenEndpointOptions;
  readonly #assertions: JwtAssertions;

  constructor(options: TokenEndpointOptions) {
    this.#options = options;
    this.#assertions = new JwtAssertions(options.now);
  }

  /** For whom a token is asked, as far as that is known. */
  accountOf(headers: Headers, body: string): Account | undefined {
    const { codes, refreshTokens } = this.#options.application;
    const form = readForm(headers, body);
    switch (form.get('grant_type')) {
      case 'client_credentials':
        return this.#subject(form.get('box_subject_type'), form.get('box_subject_id'));
      case jwtBearer: {
        const { box_sub_type: type, sub: id } = claimsOf(form.get('assertion') ?? '');
        return this.#subject(type, id);
      }
      case 'authorization_code':
        return codes.accountOf(form.get('code') ?? '');
      case 'refresh_token':
        return refreshTokens.accountOf(form.get('refresh_token') ?? '');
      default:
        return undefined;
    }
  }

  answer(headers: Headers, body: string): WholeAnswer {
    const { clientId, clientSecret, codes, refreshTokens } = this.#options.application;
    const form = readForm(headers, body);
    const grantType = form.get('grant_type') ?? '';
    if (!grantTypes.includes(grantType)) {
      return refusal('invalid_request', 'Invalid grant_type parameter or parameter missing');
    }
    if (form.get('client_id') !== clientId || form.get('client_secret') !== clientSecret) {
      return refusal('invalid_client', 'The client credentials are invalid');
    }
    switch (grantType) {
      case 'client_credentials':
        return this.#grant(this.accountOf(headers, body), 'Grant credentials are invalid');
      case jwtBearer: {
        const flaw = this.#assertions.flawOf(form.get('assertion') ?? '', this.#options.application);
        if (flaw !== undefined) return refusal('invalid_grant', flaw);
        return this.#grant(
          this.accountOf(headers, body),
          "Please check the 'sub' claim. The 'sub' specified is invalid.",
        );
      }
      case 'authorization_code': {
        const account = codes.use(form.get('code') ?? '');
        return this.#grantToUser(account, 'The authorization code has expired');
      }
      default: {
        const account = refreshTokens.use(form.get('refresh_token') ?? '');
        return this.#grantToUser(account, 'Refresh token has expired');
      }
    }
  }

  #subject(type: unknown, id: unknown): Account | undefined {
    const { application, accountsById, serviceAccount } = this.#options;
    if (type === 'user') return accountsById.get(String(id));
    return type === 'enterprise' && id === application.enterpriseId ? serviceAccount : undefined;
  }

  #grant(account: Account | undefined, otherwise: string, refreshToken?: string): WholeAnswer {
    const { tokens, expiresIn } = this.#options;
    const token = account && tokens.issue(account, expiresIn * 1_000);
    if (token === undefined) return refusal('invalid_grant', otherwise);
    return {
      status: 200,
      body: {
        access_token: token,
        expires_in: expiresIn,
        restricted_to: [],
        ...(refreshToken !== undefined && { refresh_token: refreshToken }),
        token_type: 'bearer',
      },
    };
  }

  /** With the next refresh token: a user is not asked again and again. */
  #grantToUser(account: Account | undefined, otherwise: string): WholeAnswer {
    const { refreshTokens } = this.#options.application;
    return this.#grant(account, otherwise, account && refreshTokens.give(account));
  }
}

const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const grantTypes = ['client_credentials', jwtBearer, 'authorization_code', 'refresh_token'];

function readForm(headers: Headers, body: string): URLSearchParams {
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded');
  return new URLSearchParams(isForm ? body : '');
}

function refusal(error: string, description: string): WholeAnswer {
  return { status: 400, body: { error, error_description: description } };
}
