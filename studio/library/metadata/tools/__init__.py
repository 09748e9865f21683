"""What other tools write into their pictures about how they were made: one file for each tool."""
