"""Between a rule's signal and the operator's list: grouping, holding back, silences, confidence."""
