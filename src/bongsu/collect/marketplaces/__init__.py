"""Marketplaces: are the sellers' APIs of Coupang, Naver and 11st well, asked with the seller's own keys."""
