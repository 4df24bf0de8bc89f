import type { ConnectionTexts, Tried, Trouble } from '../ipc';
import { m } from '../paraglide/messages';
import { figure, moment } from '../words';

/** PostgreSQL's own port. */
const USUAL_PORT = '5432';

/** The result of a try, in words: what is the case, and what to do about it. */
export function triedWords(tried: Tried, texts: ConnectionTexts): string {
  switch (tried.kind) {
    case 'ready':
      return m.tried_ready({ revision: figure(tried.revision), version: tried.server_version });
    case 'not_prepared': {
      const { schema, owner } = tried;
      const what = tried.schema_exists ? m.tried_not_ours({ schema }) : m.tried_no_schema({ schema });
      return `${what} ${tried.may_prepare ? m.tried_may_prepare() : m.tried_who_prepares({ owner })}`;
    }
    case 'read_only':
      return m.tried_read_only({ role: tried.role });
    case 'stopped':
      return troubleWords(tried.trouble, tried.at, texts);
  }
}

function troubleWords(trouble: Trouble, instant: string | null, texts: ConnectionTexts): string {
  const at = instant === null ? '?' : moment(instant);
  const where = { server: texts.server.trim(), port: texts.port.trim() || USUAL_PORT };
  const words: Record<Trouble, () => string> = {
    name_not_found: () => m.tried_name_not_found(where),
    refused: () => m.tried_refused(where),
    not_postgres: () => m.tried_not_postgres(where),
    network: () => m.tried_network(where),
    silent: () => m.tried_silent(where),
    unavailable: m.tried_unavailable,
    not_trusted: m.tried_not_trusted,
    other_name: () => m.tried_other_name(where),
    expired: () => m.tried_expired({ at }),
    not_valid_yet: () => m.tried_not_valid_yet({ at }),
    no_encryption: m.tried_no_encryption,
    certificate_file: m.tried_certificate_file,
    encryption: m.tried_encryption,
    wrong_password: m.tried_wrong_password,
    no_password: m.tried_no_password,
    sign_in: m.tried_sign_in,
    login_refused: m.tried_login_refused,
    no_database: m.tried_no_database,
    not_allowed: m.tried_not_allowed,
    older: m.tried_older,
    newer: m.tried_newer,
    other: m.tried_other,
  };
  return words[trouble]();
}

/** The kinds of protection, by libpq's words. */
export const PROTECTIONS: readonly { value: string; word: () => string }[] = [
  { value: '', word: m.protection_usual },
  { value: 'verify-full', word: m.protection_verify_full },
  { value: 'verify-ca', word: m.protection_verify_ca },
  { value: 'require', word: m.protection_require },
  { value: 'prefer', word: m.protection_prefer },
  { value: 'allow', word: m.protection_allow },
  { value: 'disable', word: m.protection_disable },
];

/** The ways to sign in that may be allowed, by libpq's words. */
const SIGN_INS: readonly { value: string; word: () => string }[] = [
  { value: '', word: m.sign_in_usual },
  { value: 'scram-sha-256', word: m.sign_in_scram },
  { value: 'scram-sha-256,md5', word: m.sign_in_md5 },
  { value: 'scram-sha-256,md5,password', word: m.sign_in_password },
  { value: 'none', word: m.sign_in_none },
];

/** What can be chosen for this setting; a list that somebody wrote by hand is one of the choices. */
export function signIns(list: string): typeof SIGN_INS {
  if (SIGN_INS.some((one) => one.value === list)) return SIGN_INS;
  return [...SIGN_INS, { value: list, word: () => m.sign_in_own({ list }) }];
}
