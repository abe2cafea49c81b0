"""All SQL of the writing side: schema, migrations, named queries, and what they mean."""
