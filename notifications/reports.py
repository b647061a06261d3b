def audience(event): return {}
def progress(update_id): return {}
def notice_completed_at(maintenance_id, window_revision): return None
def notice_evidence(maintenance_id, window_revision): return []
