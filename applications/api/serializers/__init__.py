"""The shapes of requests and answers, one topic a module; what they mean is judged by services and rules."""
