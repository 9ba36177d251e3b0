"""Who is who: staff, members, offices, districts and how each of them signs in."""
