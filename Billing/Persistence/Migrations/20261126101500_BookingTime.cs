using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ComputeShare.Billing.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class BookingTime : Migration
    {
        // What is booked after the clock was set back would lie before what is rolled up already, and never be added up.
        private const string Make = """
            CREATE FUNCTION booking_time() RETURNS timestamptz LANGUAGE sql STABLE AS $$
                SELECT greatest(now(), (SELECT through FROM roll_ups WHERE id = 1))
            $$;
            """;

        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(Make);
            migrationBuilder.AlterColumn<DateTimeOffset>(
                name: "created",
                table: "ledger_transactions",
                type: "timestamp with time zone",
                nullable: false,
                defaultValueSql: "booking_time()",
                oldClrType: typeof(DateTimeOffset),
                oldType: "timestamp with time zone",
                oldDefaultValueSql: "now()");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AlterColumn<DateTimeOffset>(
                name: "created",
                table: "ledger_transactions",
                type: "timestamp with time zone",
                nullable: false,
                defaultValueSql: "now()",
                oldClrType: typeof(DateTimeOffset),
                oldType: "timestamp with time zone",
                oldDefaultValueSql: "booking_time()");
            migrationBuilder.Sql("DROP FUNCTION booking_time();");
        }
    }
}
