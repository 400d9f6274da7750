using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ComputeShare.Billing.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class EarningsAndPayments : Migration
    {
        private const string RollUps = """
            INSERT INTO roll_ups (id, through) VALUES (1, '-infinity');

            CREATE FUNCTION hoster_balance(account text, of_book text) RETURNS bigint LANGUAGE sql STABLE AS $$
                SELECT (
                    coalesce((SELECT amount FROM book_sums WHERE account_id = account AND book = of_book), 0)
                    + coalesce((
                        SELECT sum(e.amount) FROM ledger_transactions t JOIN ledger_entries e ON e.request_id = t.request_id AND e.kind = t.kind
                        WHERE t.created >= (SELECT through FROM roll_ups) AND e.account_id = account AND e.book = of_book), 0))::bigint
            $$;
            """;

        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropCheckConstraint(
                name: "ck_ledger_transactions_kind",
                table: "ledger_transactions");

            migrationBuilder.DropCheckConstraint(
                name: "ck_ledger_entries_book",
                table: "ledger_entries");

            migrationBuilder.CreateTable(
                name: "book_sums",
                columns: table => new
                {
                    account_id = table.Column<string>(type: "text", nullable: false),
                    book = table.Column<string>(type: "text", nullable: false),
                    amount = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_book_sums", x => new { x.account_id, x.book });
                });

            migrationBuilder.CreateTable(
                name: "hoster_days",
                columns: table => new
                {
                    hoster_id = table.Column<string>(type: "text", nullable: false),
                    day = table.Column<DateOnly>(type: "date", nullable: false),
                    requests = table.Column<long>(type: "bigint", nullable: false),
                    failures = table.Column<long>(type: "bigint", nullable: false),
                    own_requests = table.Column<long>(type: "bigint", nullable: false),
                    earned = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_hoster_days", x => new { x.hoster_id, x.day });
                });

            migrationBuilder.CreateTable(
                name: "payment_events",
                columns: table => new
                {
                    provider = table.Column<string>(type: "text", nullable: false),
                    event_id = table.Column<string>(type: "text", nullable: false),
                    type = table.Column<string>(type: "text", nullable: false),
                    outcome = table.Column<string>(type: "text", nullable: false),
                    account_id = table.Column<string>(type: "text", nullable: true),
                    received = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_payment_events", x => new { x.provider, x.event_id });
                });

            migrationBuilder.CreateTable(
                name: "payment_sources",
                columns: table => new
                {
                    account_id = table.Column<string>(type: "text", nullable: false),
                    source = table.Column<string>(type: "text", nullable: false),
                    created = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_payment_sources", x => new { x.account_id, x.source });
                    table.ForeignKey(
                        name: "fk_payment_sources_accounts_account_id",
                        column: x => x.account_id,
                        principalTable: "accounts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "payouts",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    batch = table.Column<string>(type: "text", nullable: false),
                    hoster_id = table.Column<string>(type: "text", nullable: false),
                    amount = table.Column<long>(type: "bigint", nullable: false),
                    state = table.Column<string>(type: "text", nullable: false),
                    reference = table.Column<string>(type: "text", nullable: false, defaultValue: ""),
                    reason = table.Column<string>(type: "text", nullable: false, defaultValue: ""),
                    created = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()"),
                    approved = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    ended = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_payouts", x => x.id);
                    table.CheckConstraint("ck_payouts_amount", "amount > 0");
                    table.CheckConstraint("ck_payouts_state", "state IN ('proposed', 'approved', 'paid', 'failed', 'returned')");
                    table.ForeignKey(
                        name: "fk_payouts_accounts_hoster_id",
                        column: x => x.hoster_id,
                        principalTable: "accounts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "roll_ups",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false),
                    through = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_roll_ups", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_ledger_transactions_created",
                table: "ledger_transactions",
                column: "created")
                .Annotation("Npgsql:IndexMethod", "brin");

            migrationBuilder.AddCheckConstraint(
                name: "ck_ledger_transactions_kind",
                table: "ledger_transactions",
                sql: "kind IN ('settle', 'late', 'topup', 'dispute', 'dispute-won', 'clear', 'forfeit', 'appeal', 'payout-approved', 'payout-paid', 'payout-failed', 'payout-returned') OR kind ~ '^(correction|refund)-[1-9][0-9]{0,8}$'");

            migrationBuilder.AddCheckConstraint(
                name: "ck_ledger_entries_book",
                table: "ledger_entries",
                sql: "book IN ('consumer:balance', 'hoster:escrow', 'hoster:cleared', 'hoster:payable', 'platform:fee', 'platform:loss', 'platform:topup', 'platform:payout', 'platform:forfeit')");

            migrationBuilder.CreateIndex(
                name: "ix_payment_sources_source",
                table: "payment_sources",
                column: "source");

            migrationBuilder.CreateIndex(
                name: "ix_payouts_batch",
                table: "payouts",
                column: "batch");

            migrationBuilder.CreateIndex(
                name: "ix_payouts_open",
                table: "payouts",
                column: "hoster_id",
                unique: true,
                filter: "state IN ('proposed', 'approved')");

            migrationBuilder.Sql(RollUps);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP FUNCTION hoster_balance(text, text);");

            migrationBuilder.DropTable(
                name: "book_sums");

            migrationBuilder.DropTable(
                name: "hoster_days");

            migrationBuilder.DropTable(
                name: "payment_events");

            migrationBuilder.DropTable(
                name: "payment_sources");

            migrationBuilder.DropTable(
                name: "payouts");

            migrationBuilder.DropTable(
                name: "roll_ups");

            migrationBuilder.DropIndex(
                name: "ix_ledger_transactions_created",
                table: "ledger_transactions");

            migrationBuilder.DropCheckConstraint(
                name: "ck_ledger_transactions_kind",
                table: "ledger_transactions");

            migrationBuilder.DropCheckConstraint(
                name: "ck_ledger_entries_book",
                table: "ledger_entries");

            migrationBuilder.AddCheckConstraint(
                name: "ck_ledger_transactions_kind",
                table: "ledger_transactions",
                sql: "kind IN ('settle', 'late', 'topup') OR kind ~ '^correction-[1-9][0-9]{0,8}$'");

            migrationBuilder.AddCheckConstraint(
                name: "ck_ledger_entries_book",
                table: "ledger_entries",
                sql: "book IN ('consumer:balance', 'hoster:escrow', 'platform:fee', 'platform:loss', 'platform:topup')");
        }
    }
}
