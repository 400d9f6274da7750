using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ComputeShare.Billing.Persistence.Migrations
{
    /// <summary>
    /// What makes the ledger a ledger whoever writes to it: it only grows, and every transaction's entries sum to zero. Written by hand.
    /// </summary>
    public partial class LedgerGuards : Migration
    {
        // Checked once per statement with all its rows, not once per row at commit: a group of settlements is one statement. It also
        // means that a transaction's entries are written together or not at all, and nothing is added to an old one.
        private const string BalancedEntries = """
            CREATE FUNCTION ledger_refuse_unbalanced() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF EXISTS (
                    SELECT FROM (SELECT transaction_id, count(*) AS entries FROM added GROUP BY transaction_id) AS written
                    CROSS JOIN LATERAL (
                        SELECT sum(amount) AS total, count(*) AS entries FROM ledger_entries WHERE transaction_id = written.transaction_id
                    ) AS stored
                    WHERE stored.total <> 0 OR stored.entries <> written.entries
                ) THEN
                    RAISE EXCEPTION 'The entries of a transaction are written in one statement and sum to zero.'
                        USING ERRCODE = 'check_violation';
                END IF;
                IF EXISTS (
                    SELECT FROM added LEFT JOIN accounts ON accounts.id = added.account_id
                    WHERE accounts.kind IS DISTINCT FROM split_part(added.book, ':', 1)
                ) THEN
                    RAISE EXCEPTION 'An entry names no account of the kind that its book is for.' USING ERRCODE = 'foreign_key_violation';
                END IF;
                RETURN NULL;
            END $$;

            CREATE TRIGGER ledger_entries_balanced AFTER INSERT ON ledger_entries
                REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_unbalanced();
            """;

        private const string AppendOnly = """
            CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'The ledger only grows: % of % is refused.', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
            END $$;

            CREATE TRIGGER ledger_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entries
                FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
            CREATE TRIGGER ledger_transactions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_transactions
                FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

            -- Entries have no foreign key to accounts; these keep what they name.
            CREATE TRIGGER accounts_stay BEFORE DELETE OR TRUNCATE ON accounts
                FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
            CREATE TRIGGER accounts_keep_identity BEFORE UPDATE OF id, kind ON accounts
                FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
            """;

        // Room on each page for the next version of a row that changes with every request.
        private const string RoomForUpdates = """
            ALTER TABLE accounts SET (fillfactor = 60);
            ALTER TABLE holds SET (fillfactor = 60);
            """;

        private const string Platform = """
            INSERT INTO accounts (id, kind, name, balance, held, key_version, parallel_requests, requests_per_minute, tokens_per_minute, policy)
            VALUES ('platform', 'platform', 'platform', 0, 0, 1, 0, 0, 0, '');
            """;

        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(BalancedEntries);
            migrationBuilder.Sql(AppendOnly);
            migrationBuilder.Sql(RoomForUpdates);
            migrationBuilder.Sql(Platform);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("""
                DROP TRIGGER accounts_stay ON accounts;
                DROP TRIGGER accounts_keep_identity ON accounts;
                DROP TRIGGER ledger_transactions_append_only ON ledger_transactions;
                DROP TRIGGER ledger_entries_append_only ON ledger_entries;
                DROP TRIGGER ledger_entries_balanced ON ledger_entries;
                DROP FUNCTION ledger_refuse_change();
                DROP FUNCTION ledger_refuse_unbalanced();
                """);
        }
    }
}
