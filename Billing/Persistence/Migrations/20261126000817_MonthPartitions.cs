using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ComputeShare.Billing.Persistence.Migrations
{
    /// <summary>
    /// The large tables in partitions, a month (UTC) of request ids each; the business key (request id, kind) becomes the ledger's primary
    /// key. What lies before the first month, and ids at time zero that name sales, is in "_before"; ids beyond the last month that is
    /// made are in "_default". Copies what there is. Written by hand: EF Core knows no partitions.
    /// </summary>
    public partial class MonthPartitions : Migration
    {
        private const string SetAside = """
            ALTER TABLE ledger_entries RENAME TO old_ledger_entries;
            ALTER TABLE ledger_transactions RENAME TO old_ledger_transactions;
            ALTER TABLE generations RENAME TO old_generations;
            ALTER TABLE old_ledger_entries RENAME CONSTRAINT pk_ledger_entries TO pk_old_ledger_entries;
            ALTER TABLE old_ledger_transactions RENAME CONSTRAINT pk_ledger_transactions TO pk_old_ledger_transactions;
            ALTER TABLE old_generations RENAME CONSTRAINT pk_generations TO pk_old_generations;
            ALTER INDEX ix_generations_account_id_settled_at RENAME TO ix_old_generations_account_id_settled_at;
            """;

        private const string Tables = """
            CREATE TABLE ledger_transactions (
                request_id uuid NOT NULL,
                kind text NOT NULL,
                reference text,
                created timestamptz NOT NULL DEFAULT now(),
                CONSTRAINT pk_ledger_transactions PRIMARY KEY (request_id, kind),
                CONSTRAINT ck_ledger_transactions_kind CHECK (kind IN ('settle', 'late', 'topup') OR kind ~ '^correction-[1-9][0-9]{0,8}$')
            ) PARTITION BY RANGE (request_id);

            CREATE TABLE ledger_entries (
                request_id uuid NOT NULL,
                amount bigint NOT NULL,
                position smallint NOT NULL,
                kind text NOT NULL,
                account_id text NOT NULL,
                book text NOT NULL,
                CONSTRAINT pk_ledger_entries PRIMARY KEY (request_id, kind, position),
                CONSTRAINT ck_ledger_entries_amount CHECK (amount <> 0),
                CONSTRAINT ck_ledger_entries_book CHECK (
                    book IN ('consumer:balance', 'hoster:escrow', 'platform:fee', 'platform:loss', 'platform:topup'))
            ) PARTITION BY RANGE (request_id);

            CREATE TABLE generations (LIKE old_generations INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
                CONSTRAINT pk_generations PRIMARY KEY (request_id)
            ) PARTITION BY RANGE (request_id);
            CREATE INDEX ix_generations_account_id_settled_at ON generations (account_id, settled_at);
            """;

        // As before, but it needs not read what is stored: positions are 0, 1, 2 … in each transaction, so that whatever is added to an
        // old one meets its key. A temporary table cannot pass for one of ours, and no estimate makes it read a table from end to end.
        private const string BalancedEntries = """
            CREATE OR REPLACE FUNCTION ledger_refuse_unbalanced() RETURNS trigger LANGUAGE plpgsql
                SET search_path = public, pg_temp SET enable_hashjoin = off SET enable_mergejoin = off AS $$
            BEGIN
                IF EXISTS (
                    SELECT FROM added GROUP BY request_id, kind
                    HAVING sum(amount) <> 0 OR min(position) <> 0 OR max(position) <> count(*) - 1
                ) THEN
                    RAISE EXCEPTION 'The entries of a transaction are written in one statement and sum to zero.'
                        USING ERRCODE = 'check_violation';
                END IF;
                IF EXISTS (
                    SELECT FROM (SELECT DISTINCT request_id, kind FROM added) AS written
                    WHERE NOT EXISTS (
                        SELECT FROM ledger_transactions t WHERE t.request_id = written.request_id AND t.kind = written.kind)
                ) THEN
                    RAISE EXCEPTION 'An entry names no transaction.' USING ERRCODE = 'foreign_key_violation';
                END IF;
                IF EXISTS (
                    SELECT FROM (SELECT DISTINCT account_id, split_part(book, ':', 1) AS kind FROM added) AS used
                    LEFT JOIN accounts ON accounts.id = used.account_id
                    WHERE accounts.kind IS DISTINCT FROM used.kind
                ) THEN
                    RAISE EXCEPTION 'An entry names no account of the kind that its book is for.' USING ERRCODE = 'foreign_key_violation';
                END IF;
                RETURN NULL;
            END $$;
            """;

        // A trigger of a partitioned table hears only of statements that name this table, so each partition has its own.
        private const string MakePartition = """
            CREATE FUNCTION guard_ledger_table(name text) RETURNS void LANGUAGE plpgsql AS $$
            BEGIN
                EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I
                    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()', name);
                IF name LIKE 'ledger_entries%' THEN
                    EXECUTE format('CREATE TRIGGER balanced AFTER INSERT ON %I
                        REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_unbalanced()', name);
                END IF;
            END $$;

            CREATE FUNCTION make_partition(parent text, suffix text, bounds text) RETURNS void LANGUAGE plpgsql
                SET search_path = public, pg_temp AS $$
            DECLARE
                name text := parent || '_' || suffix;
            BEGIN
                EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', name, parent);
                IF parent LIKE 'ledger%' THEN
                    PERFORM guard_ledger_table(name);
                END IF;
                EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I ', parent, name) || bounds;
            END $$;
            REVOKE ALL ON FUNCTION make_partition(text, text, text), guard_ledger_table(text) FROM PUBLIC;
            """;

        // Attaching waits for the statements that read the default partition, and others wait behind it: for two seconds at most.
        private const string MakeMonths = """
            CREATE FUNCTION request_id_at(moment timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
                SELECT (lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
            $$;

            CREATE FUNCTION make_month_partitions(ahead integer, OUT made text[], OUT strays bigint) LANGUAGE plpgsql
                SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '2s' AS $$
            DECLARE
                month timestamp;
                parent text;
                suffix text;
            BEGIN
                PERFORM pg_advisory_xact_lock(4601);
                made := '{}';
                FOR i IN 0..ahead LOOP
                    month := date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => i);
                    suffix := to_char(month, 'YYYY_MM');
                    FOREACH parent IN ARRAY ARRAY['ledger_transactions', 'ledger_entries', 'generations'] LOOP
                        CONTINUE WHEN to_regclass(parent || '_' || suffix) IS NOT NULL;
                        BEGIN
                            PERFORM make_partition(parent, suffix, format('FOR VALUES FROM (%L) TO (%L)',
                                request_id_at(month AT TIME ZONE 'UTC'),
                                request_id_at((month + interval '1 month') AT TIME ZONE 'UTC')));
                            made := made || (parent || '_' || suffix);
                        EXCEPTION WHEN check_violation THEN
                            -- Strays of this month are in the default partition, where the ledger's must stay; so the whole month does.
                            NULL;
                        END;
                    END LOOP;
                END LOOP;
                SELECT count(*) INTO strays FROM ledger_transactions_default;
            END $$;
            REVOKE ALL ON FUNCTION make_month_partitions(integer) FROM PUBLIC;
            """;

        private const string Forget = """
            CREATE FUNCTION forget_generations(keep interval, at_most integer, OUT dropped text[], OUT removed integer) LANGUAGE plpgsql
                SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '2s' AS $$
            DECLARE
                name text;
            BEGIN
                IF keep < interval '1 day' THEN
                    RAISE EXCEPTION 'Records are kept for a day at least.' USING ERRCODE = 'invalid_parameter_value';
                END IF;
                dropped := '{}';
                FOR name IN
                    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                    WHERE i.inhparent = 'generations'::regclass AND c.relname ~ '^generations_[0-9]{4}_[0-9]{2}$'
                        AND (to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month') AT TIME ZONE 'UTC' <= now() - keep
                LOOP
                    EXECUTE format('DROP TABLE IF EXISTS %I', name);
                    dropped := dropped || name;
                END LOOP;
                DELETE FROM generations_before WHERE request_id IN (
                    SELECT request_id FROM generations_before WHERE request_id < request_id_at(now() - keep)
                    ORDER BY request_id LIMIT at_most FOR UPDATE SKIP LOCKED);
                GET DIAGNOSTICS removed = ROW_COUNT;
                DELETE FROM generations_default WHERE settled_at < now() - keep;
            END $$;
            REVOKE ALL ON FUNCTION forget_generations(interval, integer) FROM PUBLIC;
            """;

        private const string Fill = """
            DO $$
            DECLARE
                parent text;
                first uuid := request_id_at(date_trunc('month', now(), 'UTC'));
            BEGIN
                FOREACH parent IN ARRAY ARRAY['ledger_transactions', 'ledger_entries', 'generations'] LOOP
                    PERFORM make_partition(parent, 'before', format('FOR VALUES FROM (MINVALUE) TO (%L)', first));
                    PERFORM make_partition(parent, 'default', 'DEFAULT');
                END LOOP;
                PERFORM make_month_partitions(3);
            END $$;
            SELECT guard_ledger_table('ledger_transactions'), guard_ledger_table('ledger_entries');

            INSERT INTO ledger_transactions (request_id, kind, reference, created)
                SELECT request_id, kind, reference, created FROM old_ledger_transactions;
            INSERT INTO ledger_entries (request_id, kind, position, account_id, book, amount)
                SELECT t.request_id, t.kind, row_number() OVER (PARTITION BY t.id ORDER BY e.position) - 1, e.account_id, e.book, e.amount
                FROM old_ledger_entries e JOIN old_ledger_transactions t ON t.id = e.transaction_id;
            INSERT INTO generations SELECT * FROM old_generations;
            DROP TABLE old_ledger_entries;
            DROP TABLE old_ledger_transactions;
            DROP TABLE old_generations;
            """;

        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(SetAside);
            migrationBuilder.Sql(Tables);
            migrationBuilder.Sql(BalancedEntries);
            migrationBuilder.Sql(MakePartition);
            migrationBuilder.Sql(MakeMonths);
            migrationBuilder.Sql(Forget);
            migrationBuilder.Sql(Fill);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) =>
            throw new NotSupportedException("Months that were dropped do not come back: restore a backup from before instead.");
    }
}
