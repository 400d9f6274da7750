using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ComputeShare.Billing.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class HosterDaysByNodeAndModel : Migration
    {
        private static readonly string[] Texts = ["node_id", "model"];

        private static readonly string[] Numbers = ["failed_attempts", "prompt_tokens", "cached_tokens", "completion_tokens", "corrected"];

        private static readonly string[] OldKey = ["hoster_id", "day"];

        private static readonly string[] NewKey = ["hoster_id", "day", "node_id", "model"];

        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropPrimaryKey(
                name: "pk_hoster_days",
                table: "hoster_days");

            // What was rolled up before is nobody's node and no model: it still adds up.
            foreach (var column in Texts)
            {
                migrationBuilder.AddColumn<string>(
                    name: column,
                    table: "hoster_days",
                    type: "text",
                    nullable: false,
                    defaultValue: "");
            }

            foreach (var column in Numbers)
            {
                migrationBuilder.AddColumn<long>(
                    name: column,
                    table: "hoster_days",
                    type: "bigint",
                    nullable: false,
                    defaultValue: 0L);
            }

            migrationBuilder.AddPrimaryKey(
                name: "pk_hoster_days",
                table: "hoster_days",
                columns: NewKey);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(
                """
                CREATE TEMPORARY TABLE whole_days ON COMMIT DROP AS
                    SELECT hoster_id, day, sum(requests) AS requests, sum(failures) AS failures, sum(own_requests) AS own_requests, sum(earned) AS earned
                    FROM hoster_days GROUP BY hoster_id, day;
                TRUNCATE hoster_days;
                """);
            migrationBuilder.DropPrimaryKey(
                name: "pk_hoster_days",
                table: "hoster_days");
            foreach (var column in Texts.Concat(Numbers))
            {
                migrationBuilder.DropColumn(
                    name: column,
                    table: "hoster_days");
            }

            migrationBuilder.AddPrimaryKey(
                name: "pk_hoster_days",
                table: "hoster_days",
                columns: OldKey);
            migrationBuilder.Sql(
                "INSERT INTO hoster_days (hoster_id, day, requests, failures, own_requests, earned) SELECT * FROM whole_days;");
        }
    }
}
