using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ComputeShare.Billing.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class KeysCapsAndUsage : Migration
    {
        // In UTC, whatever the session's time zone is.
        private const string SpendWindows = """
            CREATE FUNCTION spend_window_start(period text, at timestamptz) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
                SELECT CASE period WHEN 'total' THEN '-infinity'::timestamptz ELSE date_trunc(period, at, 'UTC') END
            $$;
            CREATE FUNCTION spend_window_end(period text, at timestamptz) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
                SELECT CASE period WHEN 'total' THEN NULL
                    ELSE (date_trunc(period, at AT TIME ZONE 'UTC') + ('1 ' || period)::interval) AT TIME ZONE 'UTC' END
            $$;
            """;

        // Whoever raises a key version, every Billing hears of it when it is committed, and tells its gateways.
        private const string KeyNotices = """
            CREATE FUNCTION notify_key_version() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM pg_notify('key_notices', NEW.key_version || ' ' || NEW.id);
                RETURN NULL;
            END $$;
            CREATE TRIGGER accounts_key_version AFTER UPDATE OF key_version ON accounts
                FOR EACH ROW WHEN (OLD.key_version IS DISTINCT FROM NEW.key_version) EXECUTE FUNCTION notify_key_version();
            """;

        // What the requests of before are known by.
        private const string CopyUsage = """
            UPDATE generations SET key_id = coalesce(record->>'keyId', ''), model = coalesce(record->>'servedModel', ''),
                prompt_tokens = (SELECT coalesce(sum((share->>'promptTokens')::bigint), 0) FROM jsonb_array_elements(shares) AS share),
                cached_tokens = (SELECT coalesce(sum((share->>'cachedTokens')::bigint), 0) FROM jsonb_array_elements(shares) AS share),
                completion_tokens = (SELECT coalesce(sum((share->>'completionTokens')::bigint), 0) FROM jsonb_array_elements(shares) AS share);
            """;

        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "cached_tokens",
                table: "generations",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "completion_tokens",
                table: "generations",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<string>(
                name: "key_id",
                table: "generations",
                type: "text",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "model",
                table: "generations",
                type: "text",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<long>(
                name: "prompt_tokens",
                table: "generations",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<int>(
                name: "parallel_requests",
                table: "api_keys",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<string>(
                name: "policy",
                table: "api_keys",
                type: "text",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<byte[]>(
                name: "previous_hash",
                table: "api_keys",
                type: "bytea",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "previous_until",
                table: "api_keys",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "requests_per_minute",
                table: "api_keys",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<int>(
                name: "tokens_per_minute",
                table: "api_keys",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.CreateTable(
                name: "spend_caps",
                columns: table => new
                {
                    key_id = table.Column<string>(type: "text", nullable: false),
                    period = table.Column<string>(type: "text", nullable: false),
                    account_id = table.Column<string>(type: "text", nullable: false),
                    amount = table.Column<long>(type: "bigint", nullable: false),
                    spent = table.Column<long>(type: "bigint", nullable: false),
                    began = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_spend_caps", x => new { x.key_id, x.period });
                    table.CheckConstraint("ck_spend_caps_amounts", "amount >= 0 AND spent >= 0");
                    table.CheckConstraint("ck_spend_caps_period", "period IN ('hour', 'day', 'week', 'month', 'total')");
                    table.ForeignKey(
                        name: "fk_spend_caps_api_keys_key_id",
                        column: x => x.key_id,
                        principalTable: "api_keys",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "ix_generations_account_id_settled_at",
                table: "generations",
                columns: new[] { "account_id", "settled_at" });

            migrationBuilder.CreateIndex(
                name: "ix_api_keys_previous_hash",
                table: "api_keys",
                column: "previous_hash",
                unique: true);

            migrationBuilder.AddCheckConstraint(
                name: "ck_api_keys_limits",
                table: "api_keys",
                sql: "parallel_requests >= 0 AND requests_per_minute >= 0 AND tokens_per_minute >= 0");

            migrationBuilder.Sql(SpendWindows);
            migrationBuilder.Sql(KeyNotices);
            migrationBuilder.Sql(CopyUsage);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("""
                DROP TRIGGER accounts_key_version ON accounts;
                DROP FUNCTION notify_key_version();
                DROP FUNCTION spend_window_start(text, timestamptz);
                DROP FUNCTION spend_window_end(text, timestamptz);
                """);

            migrationBuilder.DropTable(
                name: "spend_caps");

            migrationBuilder.DropIndex(
                name: "ix_generations_account_id_settled_at",
                table: "generations");

            migrationBuilder.DropIndex(
                name: "ix_api_keys_previous_hash",
                table: "api_keys");

            migrationBuilder.DropCheckConstraint(
                name: "ck_api_keys_limits",
                table: "api_keys");

            migrationBuilder.DropColumn(
                name: "cached_tokens",
                table: "generations");

            migrationBuilder.DropColumn(
                name: "completion_tokens",
                table: "generations");

            migrationBuilder.DropColumn(
                name: "key_id",
                table: "generations");

            migrationBuilder.DropColumn(
                name: "model",
                table: "generations");

            migrationBuilder.DropColumn(
                name: "prompt_tokens",
                table: "generations");

            migrationBuilder.DropColumn(
                name: "parallel_requests",
                table: "api_keys");

            migrationBuilder.DropColumn(
                name: "policy",
                table: "api_keys");

            migrationBuilder.DropColumn(
                name: "previous_hash",
                table: "api_keys");

            migrationBuilder.DropColumn(
                name: "previous_until",
                table: "api_keys");

            migrationBuilder.DropColumn(
                name: "requests_per_minute",
                table: "api_keys");

            migrationBuilder.DropColumn(
                name: "tokens_per_minute",
                table: "api_keys");
        }
    }
}
