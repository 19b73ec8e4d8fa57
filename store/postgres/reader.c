/* The role of those who only read, and the function that runs somebody's SQL in it.
 *
 * SET LOCAL ROLE alone would hold nobody: a query may call set_config('role', 'none', true), and be what the login is again before
 * it calls the next function. Within a function of SECURITY DEFINER the server lets nobody change the role. */
#include "store/postgres/db.h"

/* Where the login may not make roles, or give a function away, somebody else has to (docs/scaling.md); the store works without.
 * What the migration has made, and so all views, is what the transaction's own number stands on: other tables of the schema are
 * nobody's to read. */
static const char make_reader[] =
    "DO $do$\n"
    "DECLARE\n"
    "  made record;\n"
    "  place text := quote_ident(current_schema());\n"
    "BEGIN\n"
    "  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tidemark_reader') THEN\n"
    "    BEGIN\n"
    "      CREATE ROLE tidemark_reader NOLOGIN;\n"
    "    EXCEPTION WHEN insufficient_privilege THEN RETURN;\n"
    "      WHEN duplicate_object OR unique_violation THEN NULL;\n" /* another database of the server makes it now */
    "    END;\n"
    "  END IF;\n"
    "  BEGIN\n"
    "    IF NOT pg_has_role(current_user, 'tidemark_reader', 'MEMBER') THEN\n"
    "      EXECUTE format('GRANT tidemark_reader TO %I', current_user);\n"
    "    END IF;\n"
    "    EXECUTE 'GRANT USAGE ON SCHEMA ' || place || ' TO tidemark_reader';\n"
    "  EXCEPTION WHEN insufficient_privilege THEN NULL;\n"
    "  END;\n"
    "  FOR made IN SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', "
    "'v')\n"
    "              AND xmin::text = (txid_current() % 4294967296)::text LOOP\n"
    "    EXECUTE format('GRANT SELECT ON %I TO tidemark_reader', made.relname);\n"
    "  END LOOP;\n"
    "  BEGIN\n"
    "    CREATE OR REPLACE FUNCTION tm_read(query text) RETURNS SETOF record LANGUAGE plpgsql SECURITY DEFINER AS\n"
    "      'BEGIN RETURN QUERY EXECUTE query; END';\n"
    "    REVOKE ALL ON FUNCTION tm_read FROM PUBLIC;\n"
    "    IF (SELECT proowner <> 'tidemark_reader'::regrole FROM pg_proc WHERE oid = 'tm_read(text)'::regprocedure) THEN\n"
    "      EXECUTE 'GRANT CREATE ON SCHEMA ' || place || ' TO tidemark_reader';\n"
    "      ALTER FUNCTION tm_read OWNER TO tidemark_reader;\n"
    "      EXECUTE 'REVOKE CREATE ON SCHEMA ' || place || ' FROM tidemark_reader';\n"
    "    END IF;\n"
    "  EXCEPTION WHEN insufficient_privilege THEN NULL;\n"
    "  END;\n"
    "END $do$";

int tm_postgres_make_reader(tm_store *store)
{
    return tm_postgres_run(tm_postgres_of(store), make_reader) == 0 ? 0 : tm_postgres_error(store, "migrate");
}

/* What the login may do beyond the role: with none of it nothing need be held back. */
static const char more_than_reader[] =
    "SELECT (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR has_table_privilege('run', 'INSERT, UPDATE, DELETE') OR "
    "pg_has_role(oid, 'pg_read_server_files', 'MEMBER') OR pg_has_role(oid, 'pg_write_server_files', 'MEMBER') OR "
    "pg_has_role(oid, 'pg_execute_server_program', 'MEMBER') OR pg_has_role(oid, 'pg_signal_backend', 'MEMBER'))::int "
    "FROM pg_roles WHERE rolname = current_user";

static const char may_be_reader[] =
    "SELECT count(*) FROM pg_roles WHERE rolname = 'tidemark_reader' AND NOT rolsuper AND pg_has_role(current_user, oid, 'MEMBER')";

static const char has_function[] = "SELECT count(*) FROM pg_proc WHERE oid = to_regprocedure('tm_read(text)') AND prosecdef AND "
                                   "proowner = 'tidemark_reader'::regrole";

int tm_postgres_become_reader(tm_store *store, bool *by_function)
{
    struct tm_postgres *own = tm_postgres_of(store);
    int64_t more = 0, may = 0, function = 0, super = 0;
    if (tm_postgres_number(own, more_than_reader, &more) != 0 || tm_postgres_number(own, may_be_reader, &may) != 0 ||
        tm_postgres_number(own, "SELECT rolsuper::int FROM pg_roles WHERE rolname = current_user", &super) != 0 ||
        (may && tm_postgres_number(own, has_function, &function) != 0))
        return tm_postgres_error(store, "use");
    *by_function = more && function;
    if (super && !*by_function)
        return tm_store_fail(store,
                             "refused: ad hoc SQL does not run as a superuser, and there is no role 'tidemark_reader' with its "
                             "function 'tm_read' (docs/scaling.md)");
    return !may || tm_postgres_run(own, "SET LOCAL ROLE tidemark_reader") == 0 ? 0 : tm_postgres_error(store, "use");
}
