"""The register: the ledger's face, an Excel workbook."""
