using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ComputeShare.Billing.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class HoldsWithoutForeignKey : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropForeignKey(
                name: "fk_holds_accounts_account_id",
                table: "holds");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddForeignKey(
                name: "fk_holds_accounts_account_id",
                table: "holds",
                column: "account_id",
                principalTable: "accounts",
                principalColumn: "id",
                onDelete: ReferentialAction.Restrict);
        }
    }
}
