using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ComputeShare.Billing.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class IdempotencyKeys : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropCheckConstraint(
                name: "ck_holds_amounts",
                table: "holds");

            migrationBuilder.AddColumn<long>(
                name: "owner_epoch",
                table: "holds",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.CreateTable(
                name: "idempotent_requests",
                columns: table => new
                {
                    account_id = table.Column<string>(type: "text", nullable: false),
                    idempotency_key = table.Column<string>(type: "text", nullable: false),
                    body_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    request_id = table.Column<Guid>(type: "uuid", nullable: false),
                    owner_epoch = table.Column<long>(type: "bigint", nullable: false, defaultValue: 1L),
                    created = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()"),
                    reported_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()"),
                    finished_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    answer = table.Column<byte[]>(type: "bytea", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_idempotent_requests", x => new { x.account_id, x.idempotency_key });
                    table.CheckConstraint("ck_idempotent_requests_answer", "answer IS NULL OR finished_at IS NOT NULL");
                    table.CheckConstraint("ck_idempotent_requests_body_hash", "length(body_hash) = 32");
                    table.CheckConstraint("ck_idempotent_requests_key", "length(idempotency_key) BETWEEN 1 AND 255");
                    table.ForeignKey(
                        name: "fk_idempotent_requests_accounts_account_id",
                        column: x => x.account_id,
                        principalTable: "accounts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.AddCheckConstraint(
                name: "ck_holds_amounts",
                table: "holds",
                sql: "amount >= 0 AND seq >= 0");

            migrationBuilder.CreateIndex(
                name: "ix_idempotent_requests_created",
                table: "idempotent_requests",
                column: "created");

            migrationBuilder.CreateIndex(
                name: "ix_idempotent_requests_request_id",
                table: "idempotent_requests",
                column: "request_id",
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "idempotent_requests");

            migrationBuilder.DropCheckConstraint(
                name: "ck_holds_amounts",
                table: "holds");

            migrationBuilder.DropColumn(
                name: "owner_epoch",
                table: "holds");

            migrationBuilder.AddCheckConstraint(
                name: "ck_holds_amounts",
                table: "holds",
                sql: "amount >= 0 AND seq > 0");
        }
    }
}
