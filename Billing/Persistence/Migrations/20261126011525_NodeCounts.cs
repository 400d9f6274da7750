using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ComputeShare.Billing.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class NodeCounts : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "node_counts",
                columns: table => new
                {
                    node_id = table.Column<string>(type: "text", nullable: false),
                    model_id = table.Column<string>(type: "text", nullable: false),
                    answers = table.Column<long>(type: "bigint", nullable: false),
                    counted = table.Column<long>(type: "bigint", nullable: false),
                    reported = table.Column<long>(type: "bigint", nullable: false),
                    counted_prompt = table.Column<long>(type: "bigint", nullable: false),
                    reported_prompt = table.Column<long>(type: "bigint", nullable: false),
                    window_counted = table.Column<long>(type: "bigint", nullable: false),
                    window_reported = table.Column<long>(type: "bigint", nullable: false),
                    last_per_million = table.Column<long>(type: "bigint", nullable: false),
                    found = table.Column<int>(type: "integer", nullable: false),
                    found_in_row = table.Column<int>(type: "integer", nullable: false),
                    barred = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    updated = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_node_counts", x => new { x.node_id, x.model_id });
                    table.ForeignKey(
                        name: "fk_node_counts_nodes_node_id",
                        column: x => x.node_id,
                        principalTable: "nodes",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "node_counts");
        }
    }
}
