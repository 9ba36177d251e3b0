"""One search by any number, for every room: the number travels in the body of a POST and is not kept."""
