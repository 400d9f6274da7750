using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ComputeShare.Billing.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class NodeProbes : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "node_probes",
                columns: table => new
                {
                    node_id = table.Column<string>(type: "text", nullable: false),
                    model_id = table.Column<string>(type: "text", nullable: false),
                    probes = table.Column<long>(type: "bigint", nullable: false),
                    compared = table.Column<long>(type: "bigint", nullable: false),
                    suspicious = table.Column<long>(type: "bigint", nullable: false),
                    window_probes = table.Column<int>(type: "integer", nullable: false),
                    window_suspicious = table.Column<int>(type: "integer", nullable: false),
                    window_differing = table.Column<int>(type: "integer", nullable: false),
                    window_empty = table.Column<int>(type: "integer", nullable: false),
                    window_held_back = table.Column<int>(type: "integer", nullable: false),
                    window_repeated = table.Column<int>(type: "integer", nullable: false),
                    last_percent = table.Column<int>(type: "integer", nullable: true),
                    last_reasons = table.Column<string[]>(type: "text[]", nullable: false),
                    found = table.Column<int>(type: "integer", nullable: false),
                    found_in_row = table.Column<int>(type: "integer", nullable: false),
                    barred = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    updated = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_node_probes", x => new { x.node_id, x.model_id });
                    table.ForeignKey(
                        name: "fk_node_probes_nodes_node_id",
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
                name: "node_probes");
        }
    }
}
